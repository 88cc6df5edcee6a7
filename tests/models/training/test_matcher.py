"""One query an object, by the best sum of dice^0.8 · class^0.2."""

import itertools

import numpy as np
import pytest
import torch
from torch import Tensor

from models.mobileinst.network import Prediction
from models.training.matcher import dice_matrix, match
from models.training.targets import Targets, at_size

CLASSES, SIZE = 3, (16, 24)  # the masks' size at the input; predictions have half of it


def targets(count: int, seed: int) -> Targets:
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(CLASSES, (count,), generator=generator)
    return Targets(labels, (torch.rand(count, *SIZE, generator=generator) > 0.5).float())


def predictions(images: int, queries: int, seed: int) -> Prediction:
    generator = torch.Generator().manual_seed(seed)
    return Prediction(
        torch.randn(images, queries, CLASSES, generator=generator),
        torch.zeros(images, queries, 1),
        torch.zeros(images, queries, 2),
        2 * torch.randn(images, queries, 8, 12, generator=generator),
    )


def qualities(class_logits: Tensor, mask_logits: Tensor, wanted: Targets) -> np.ndarray:
    """Literally, in float64: [N, G]."""
    small = at_size(wanted.masks, 8, 12)
    p = mask_logits.double().sigmoid().numpy()
    classes = class_logits.double().sigmoid().numpy()
    result = np.zeros((len(p), len(small)))
    for query, index in np.ndindex(*result.shape):
        t = small[index].double().numpy()
        dice = 2 * (p[query] * t).sum() / ((p[query] ** 2).sum() + (t**2).sum() + 1e-4)
        result[query, index] = dice**0.8 * classes[query, wanted.labels[index]] ** 0.2
    return result


@pytest.mark.parametrize("seed", range(5))
def test_best_of_all_assignments(seed: int):
    prediction, wanted = predictions(1, 5, seed), targets(3, seed)
    matrix = qualities(prediction.class_logits[0], prediction.mask_logits[0], wanted)
    best = max(itertools.permutations(range(5), 3), key=lambda q: sum(matrix[q, range(3)]))
    got = match(prediction, [wanted])
    small = at_size(wanted.masks, 8, 12)
    found = {q.item(): mask for q, mask in zip(got.queries, got.masks, strict=True)}
    assert all(torch.equal(found[query], small[i]) for i, query in enumerate(best))


def test_each_image_on_its_own():
    prediction, wanted = predictions(3, 4, 0), [targets(2, 1), targets(0, 2), targets(1, 3)]
    got = match(prediction, wanted)
    assert got.images.tolist() == [0, 0, 2]
    assert sorted(got.labels[:2].tolist()) == sorted(wanted[0].labels.tolist())
    alone = match(Prediction(*(x[2:] for x in prediction)), wanted[2:])
    assert got.queries[2:].tolist() == alone.queries.tolist()


def test_more_objects_than_queries():
    got = match(predictions(1, 2, 0), [targets(5, 0)])
    assert sorted(got.queries.tolist()) == [0, 1]


def test_nothing_to_match():
    got = match(predictions(2, 3, 0), [targets(0, 0), targets(0, 1)])
    assert got.masks.shape == (0, 8, 12)
    assert got.queries.dtype == torch.int64


def test_dice_of_equal_masks_is_one():
    masks = (torch.rand(3, 4, 5) > 0.5).float()
    assert dice_matrix(masks[None], masks[None])[0].diagonal().numpy() == pytest.approx(1, abs=1e-4)


def test_targets_stay_soft():
    wanted = Targets(torch.zeros(1, dtype=torch.int64), torch.zeros(1, 4, 4))
    wanted.masks[0, 1, 1] = 1
    assert at_size(wanted.masks, 2, 2)[0].tolist() == [[0.25, 0], [0, 0]]


def test_mixed_precision_changes_no_pair():
    """Products of bfloat16 would."""
    prediction, wanted = predictions(1, 5, 0), [targets(3, 0)]
    expected = match(prediction, wanted)
    pairs = prediction.mask_logits.sigmoid(), at_size(wanted[0].masks, 8, 12)[None]
    matrix = dice_matrix(*pairs)
    with torch.autocast("cpu", torch.bfloat16):
        got = match(prediction, wanted)
        rounded = dice_matrix(*pairs)
    assert got.queries.tolist() == expected.queries.tolist()
    assert not torch.equal(rounded, matrix)

"""Every term of Eq. 3 against values by hand and against a literal version in numpy."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from models.mobileinst.network import Prediction
from models.training.losses import (
    Losses,
    LossWeights,
    compute_losses,
    dice_loss,
    focal_loss,
    mask_ious,
    mask_losses,
    objectness_loss,
    pixel_loss,
)
from models.training.matcher import Matches

TOLERANCE = 1e-5  # float32 sums of some hundred terms against float64


def drawn(images: int = 2, queries: int = 5, classes: int = 3) -> Prediction:
    torch.manual_seed(0)
    return Prediction(
        torch.randn(images, queries, classes),
        torch.randn(images, queries, 1),
        torch.randn(images, queries, 4),
        3 * torch.randn(images, queries, 6, 8),
    )


def some_matches() -> Matches:
    torch.manual_seed(1)
    return Matches(
        torch.tensor([0, 0, 1]), torch.tensor([1, 4, 0]), torch.tensor([2, 0, 1]),
        torch.rand(3, 6, 8),
    )  # fmt: skip


def no_matches() -> Matches:
    none = torch.zeros(0, dtype=torch.int64)
    return Matches(none, none, none, torch.zeros(0, 6, 8))


def sigmoid(x: Tensor) -> np.ndarray:
    return 1 / (1 + np.exp(-x.double().numpy()))


def entropy(p: float, t: float) -> float:
    return -t * math.log(p) - (1 - t) * math.log(1 - p)


@pytest.mark.parametrize(
    ("logit", "wanted", "loss"),
    [
        (0.0, 1.0, 0.25 * 0.25 * math.log(2)),
        (0.0, 0.0, 0.75 * 0.25 * math.log(2)),
        (math.log(3), 1.0, 0.25 * (1 / 16) * math.log(4 / 3)),  # p = 3/4
        (math.log(3), 0.0, 0.75 * (9 / 16) * math.log(4)),
    ],
)
def test_focal_by_hand(logit: float, wanted: float, loss: float):
    got = focal_loss(torch.tensor([logit]), torch.tensor([wanted]))
    assert got.item() == pytest.approx(loss, rel=1e-6)


def test_dice_by_hand():
    """p = 1/2 everywhere, t = 1 in one of four pixels: 2·0.5 / (1 + 1)."""
    got = dice_loss(torch.zeros(1, 2, 2), torch.tensor([[[1.0, 0], [0, 0]]]))
    assert got.item() == pytest.approx(1 - 1 / (2 + 1e-4), rel=1e-6)


def test_pixels_by_hand():
    """Two masks, p = 1/2 everywhere: ln 2 each, whatever the target."""
    got = pixel_loss(torch.zeros(2, 2, 3), torch.rand(2, 2, 3))
    assert got.item() == pytest.approx(2 * math.log(2), rel=1e-6)


def test_iou_by_hand():
    """The threshold of 0.4 counts, that of the target's 0.5 does not."""
    probabilities = torch.tensor([[[0.4, 0.39], [0.9, 0.1]]])
    masks = torch.tensor([[[1.0, 1.0], [0.5, 0.0]]])
    assert mask_ious(probabilities, masks).item() == pytest.approx(1 / 3, rel=1e-5)


def test_objectness_by_hand():
    """A mask that is exactly right wants 1."""
    masks = torch.tensor([[[1.0, 0.0]]])
    got = objectness_loss(torch.tensor([0.0]), 20 * masks - 10, masks)
    assert got.item() == pytest.approx(math.log(2), rel=1e-5)


def test_equal_to_a_literal_version():
    prediction, matches = drawn(), some_matches()
    got = compute_losses(prediction, matches, 3.0)
    for name, value in literal(prediction, matches, 3.0)._asdict().items():
        assert getattr(got, name).item() == pytest.approx(value, rel=TOLERANCE), name


def literal(prediction: Prediction, matches: Matches, objects: float) -> Losses:
    """In loops and float64, written from the definitions."""
    pairs = list(zip(matches.images.tolist(), matches.queries.tolist(), strict=True))
    wanted = dict(zip(pairs, matches.labels.tolist(), strict=True))
    classes = sigmoid(prediction.class_logits)
    focal = 0.0
    for (image, query, label), p in np.ndenumerate(classes):
        t = float(wanted.get((image, query)) == label)
        same, alpha = (p, 0.25) if t else (1 - p, 0.75)
        focal += -alpha * (1 - same) ** 2 * math.log(same)
    dice = pixels = objectness = 0.0
    for (image, query), mask in zip(pairs, matches.masks.double().numpy(), strict=True):
        p = sigmoid(prediction.mask_logits[image, query])
        dice += 1 - 2 * (p * mask).sum() / ((p**2).sum() + (mask**2).sum() + 1e-4)
        pixels += np.mean([entropy(a, b) for a, b in zip(p.flat, mask.flat, strict=True)])
        inside, true = p >= 0.4, mask > 0.5
        iou = (inside & true).sum() / ((inside | true).sum() + 1e-6)
        objectness += entropy(float(sigmoid(prediction.objectness[image, query, 0])), iou)
    return Losses(*(term / objects for term in (focal, dice, pixels, objectness)))


def test_without_objects_only_the_classes_count():
    prediction = Prediction(*(x.requires_grad_() for x in drawn()))
    got = compute_losses(prediction, no_matches(), 1.0)
    assert got.classes.item() > 0
    assert (got.dice.item(), got.pixels.item(), got.objectness.item()) == (0, 0, 0)
    got.total(LossWeights()).backward()
    for x in (prediction.mask_logits, prediction.objectness):
        assert x.grad is not None
        assert not x.grad.any()
    assert prediction.class_logits.grad is not None
    assert prediction.class_logits.grad.any()


def test_the_papers_weights():
    one = torch.tensor(1.0)
    assert Losses(one, 10 * one, 100 * one, 1000 * one).total(LossWeights()).item() == 1222


def test_objectness_gives_masks_no_gradient():
    logits = torch.randn(2, 3, 3, requires_grad=True)
    objectness = torch.zeros(2, requires_grad=True)
    objectness_loss(objectness, logits, torch.rand(2, 3, 3)).backward()
    assert logits.grad is None
    assert objectness.grad is not None


def test_mask_losses_are_those_of_the_whole():
    prediction, matches = drawn(), some_matches()
    whole = compute_losses(prediction, matches, 3.0)
    dice, pixels = mask_losses(prediction.mask_logits, matches, 3.0)
    assert (dice.item(), pixels.item()) == (whole.dice.item(), whole.pixels.item())

"""Which query answers for which object: one to one, per image (SparseInst's matcher)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from models.errors import TrainingError
from models.mobileinst.network import Prediction
from models.training.targets import Targets, at_size

MASK_EXPONENT = 0.8  # SparseInst's alpha
CLASS_EXPONENT = 0.2  # SparseInst's beta
DICE_EPSILON = 1e-4
ADVICE = "lower the learning_rate, or set largest_gradient to clip gradients"


class Matches(NamedTuple):
    """The M pairs of a batch."""

    images: Tensor  # [M], places in the batch
    queries: Tensor  # [M]
    labels: Tensor  # [M], int64
    masks: Tensor  # [M, h, w], the objects' soft masks at the predictions' size


@torch.no_grad()
def match(prediction: Prediction, targets: Sequence[Targets]) -> Matches:
    """Pairs that maximise the sum of dice^0.8 · class probability^0.2, in float32.

    Objects beyond the number of queries go without. Raises TrainingError where a prediction is no
    number any more.
    """
    finite = prediction.class_logits.isfinite().all() & prediction.mask_logits.isfinite().all()
    if not finite:
        raise TrainingError(f"the network gives NaN or infinity: {ADVICE}")
    counts = [len(each.labels) for each in targets]
    labels = torch.cat([each.labels for each in targets])
    masks = at_size(torch.cat([each.masks for each in targets]), *prediction.mask_logits.shape[2:])
    qualities = measure(prediction, torch.split(labels, counts), torch.split(masks, counts))
    images, queries, objects = assign(qualities, counts).to(labels.device)
    return Matches(images, queries, labels[objects], masks[objects])


def measure(
    prediction: Prediction, labels: Sequence[Tensor], masks: Sequence[Tensor]
) -> NDArray[np.float32]:
    """What is maximised, of every query and object of each image: [B, N, largest G].

    All images at once: one by one, they kept a GPU waiting for most of a step.
    """
    padded_labels = pad_sequence([*labels], batch_first=True)[:, None]  # [B, 1, G]
    with torch.autocast(prediction.mask_logits.device.type, enabled=False):  # not in bfloat16
        probabilities = prediction.mask_logits.float().sigmoid()
        dice = dice_matrix(probabilities, pad_sequence([*masks], batch_first=True))
    classes = prediction.class_logits.float().sigmoid()
    classes = classes.gather(2, padded_labels.expand(-1, classes.shape[1], -1))  # [B, N, G]
    quality: NDArray[np.float32] = (dice**MASK_EXPONENT * classes**CLASS_EXPONENT).cpu().numpy()
    return quality


def assign(qualities: NDArray[np.float32], counts: Sequence[int]) -> Tensor:
    """[3, M] int64: image, query, and object counted over the batch."""
    found = [np.zeros((3, 0), np.int64)]
    for image, (quality, count) in enumerate(zip(qualities, counts, strict=True)):
        queries, objects = linear_sum_assignment(quality[:, :count], maximize=True)
        places = np.full_like(queries, image), queries, objects + sum(counts[:image])
        found.append(np.stack(places))
    return torch.from_numpy(np.concatenate(found, 1))


def dice_matrix(probabilities: Tensor, masks: Tensor) -> Tensor:
    """2·Σpt / (Σp² + Σt² + 1e-4) of every pair: [B, N, h, w], [B, G, h, w] -> [B, N, G]."""
    p, t = probabilities.flatten(2), masks.flatten(2)
    squares = (p * p).sum(2)[:, :, None] + (t * t).sum(2)[:, None]
    return 2 * (p @ t.mT) / (squares + DICE_EPSILON)

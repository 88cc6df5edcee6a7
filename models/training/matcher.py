"""Which query answers for which object: one to one, per image (SparseInst's matcher)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from models.errors import TrainingError
from models.mobileinst.network import Prediction
from models.training.targets import Targets

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
    if not (prediction.class_logits.isfinite().all() and prediction.mask_logits.isfinite().all()):
        raise TrainingError(f"the network gives NaN or infinity: {ADVICE}")
    height, width = prediction.mask_logits.shape[2:]
    sized = [each.at_size(height, width) for each in targets]
    qualities = [
        quality(logits, masks, each)
        for logits, masks, each in zip(
            prediction.class_logits, prediction.mask_logits, sized, strict=True
        )
    ]
    pairs = assign(qualities).to(prediction.class_logits.device)
    labels = torch.cat([each.labels for each in sized])
    masks = torch.cat([each.masks for each in sized])
    return Matches(pairs[0], pairs[1], labels[pairs[2]], masks[pairs[2]])


def quality(class_logits: Tensor, mask_logits: Tensor, targets: Targets) -> Tensor:
    """[N, classes], [N, h, w] and G objects of that size -> what is maximised, [N, G]."""
    with torch.autocast(mask_logits.device.type, enabled=False):  # its product would be bfloat16
        dice = dice_matrix(mask_logits.float().sigmoid(), targets.masks.float())
    classes = class_logits.float().sigmoid()[:, targets.labels]
    return dice**MASK_EXPONENT * classes**CLASS_EXPONENT


def assign(qualities: list[Tensor]) -> Tensor:
    """[N, G] of each image -> [3, M] int64: image, query, and object counted over the batch.

    They leave the device together: waiting for it once an image was most of a step's time.
    """
    widths = [each.shape[1] for each in qualities]
    together = torch.cat(qualities, 1).cpu().numpy()
    starts = np.cumsum([0, *widths])
    found = [np.zeros((3, 0), np.int64)]
    for image, (start, width) in enumerate(zip(starts[:-1], widths, strict=True)):
        own = together[:, start : start + width]
        queries, objects = linear_sum_assignment(own, maximize=True)
        found.append(np.stack([np.full_like(queries, image), queries, objects + start]))
    return torch.from_numpy(np.concatenate(found, 1))


def dice_matrix(probabilities: Tensor, masks: Tensor) -> Tensor:
    """2·Σpt / (Σp² + Σt² + 1e-4) of every pair: [N, h, w], [G, h, w] -> [N, G]."""
    p, t = probabilities.flatten(1), masks.flatten(1)
    squares = (p * p).sum(1)[:, None] + (t * t).sum(1)[None]
    return 2 * (p @ t.T) / (squares + DICE_EPSILON)

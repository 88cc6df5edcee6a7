"""Which query answers for which object: one to one, per image (SparseInst's matcher)."""

from collections.abc import Sequence
from typing import NamedTuple

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
    pairs = [
        match_image(logits, masks, each.at_size(height, width))
        for logits, masks, each in zip(
            prediction.class_logits, prediction.mask_logits, targets, strict=True
        )
    ]
    images = [torch.full_like(queries, index) for index, (queries, _) in enumerate(pairs)]
    found = [each for _, each in pairs]
    return Matches(
        torch.cat(images),
        torch.cat([queries for queries, _ in pairs]),
        torch.cat([each.labels for each in found]),
        torch.cat([each.masks for each in found]),
    )


def match_image(
    class_logits: Tensor, mask_logits: Tensor, targets: Targets
) -> tuple[Tensor, Targets]:
    """[N, classes], [N, h, w] and G objects of that size -> min(N, G) queries and their objects."""
    with torch.autocast(mask_logits.device.type, enabled=False):  # its product would be bfloat16
        dice = dice_matrix(mask_logits.float().sigmoid(), targets.masks.float())  # [N, G]
    classes = class_logits.float().sigmoid()[:, targets.labels]  # [N, G]
    quality = dice**MASK_EXPONENT * classes**CLASS_EXPONENT
    rows, columns = linear_sum_assignment(quality.cpu().numpy(), maximize=True)
    device = class_logits.device
    chosen = torch.as_tensor(columns, device=device)
    return (
        torch.as_tensor(rows, device=device),
        Targets(targets.labels[chosen], targets.masks[chosen]),
    )


def dice_matrix(probabilities: Tensor, masks: Tensor) -> Tensor:
    """2·Σpt / (Σp² + Σt² + 1e-4) of every pair: [N, h, w], [G, h, w] -> [N, G]."""
    p, t = probabilities.flatten(1), masks.flatten(1)
    squares = (p * p).sum(1)[:, None] + (t * t).sum(1)[None]
    return 2 * (p @ t.T) / (squares + DICE_EPSILON)

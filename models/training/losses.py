"""The training loss (Eq. 3): L = λ_c·L_cls + λ_mask·(L_dice + L_bce) + λ_obj·L_obj.

Terms as SparseInst defines them (hustvl/SparseInst, criterion), weights as in the paper. Means over
matched pairs are sums divided by the number of objects in the batch, so that processes which share
a batch add up to the same gradient as one with all of it.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from models.mobileinst.network import Prediction
from models.training.matcher import DICE_EPSILON, Matches

FOCAL_ALPHA = 0.25
FOCAL_GAMMA = 2.0
OBJECT_THRESHOLD = 0.4  # of a mask's probability, where the IoU for objectness is measured
IOU_EPSILON = 1e-6


@dataclass(frozen=True)
class LossWeights:
    """λ of Eq. 3; the mask's two terms share theirs."""

    classes: float = 2.0
    mask: float = 2.0
    objectness: float = 1.0


class Losses(NamedTuple):
    """Scalars, not yet weighted."""

    classes: Tensor  # focal loss
    dice: Tensor
    pixels: Tensor  # binary cross entropy
    objectness: Tensor  # binary cross entropy towards the mask's IoU

    def total(self, weights: LossWeights) -> Tensor:
        return (
            weights.classes * self.classes
            + weights.mask * (self.dice + self.pixels)
            + weights.objectness * self.objectness
        )


def compute_losses(prediction: Prediction, matches: Matches, num_objects: float) -> Losses:
    """`num_objects`: of the batch, at least 1; with several processes, the mean over them.

    Without any object the terms on masks are 0, with a gradient of 0.
    """
    mask_logits = prediction.mask_logits[matches.images, matches.queries]  # [M, h, w]
    objectness = prediction.objectness[matches.images, matches.queries, 0]  # [M]
    return Losses(
        focal_loss(prediction.class_logits, one_hot(prediction.class_logits, matches))
        / num_objects,
        dice_loss(mask_logits, matches.masks) / num_objects,
        pixel_loss(mask_logits, matches.masks) / num_objects,
        objectness_loss(objectness, mask_logits, matches.masks) / num_objects,
    )


def mask_losses(mask_logits: Tensor, matches: Matches, num_objects: float) -> tuple[Tensor, Tensor]:
    """Dice and pixel loss of [B, N, h, w] on given matches, as temporal training needs them."""
    chosen = mask_logits[matches.images, matches.queries]
    return (
        dice_loss(chosen, matches.masks) / num_objects,
        pixel_loss(chosen, matches.masks) / num_objects,
    )


def one_hot(class_logits: Tensor, matches: Matches) -> Tensor:
    """[B, N, classes]: 1 where a query is matched to an object of that class."""
    wanted = torch.zeros_like(class_logits)
    wanted[matches.images, matches.queries, matches.labels] = 1
    return wanted


def focal_loss(logits: Tensor, wanted: Tensor) -> Tensor:
    """Sum of the sigmoid focal loss, alpha 0.25, gamma 2."""
    logits = logits.float()
    probabilities = logits.sigmoid()
    entropy = F.binary_cross_entropy_with_logits(logits, wanted.float(), reduction="none")
    miss = probabilities + wanted - 2 * probabilities * wanted  # 1 - p of what is wanted
    alpha = FOCAL_ALPHA * wanted + (1 - FOCAL_ALPHA) * (1 - wanted)
    return (alpha * miss**FOCAL_GAMMA * entropy).sum()


def dice_loss(mask_logits: Tensor, masks: Tensor) -> Tensor:
    """Sum over M pairs of 1 - 2·Σpt / (Σp² + Σt² + 1e-4)."""
    p, t = mask_logits.float().sigmoid().flatten(1), masks.flatten(1)
    squares = (p * p).sum(1) + (t * t).sum(1)
    return (1 - 2 * (p * t).sum(1) / (squares + DICE_EPSILON)).sum()


def pixel_loss(mask_logits: Tensor, masks: Tensor) -> Tensor:
    """Sum over M pairs of the mean binary cross entropy over pixels."""
    height, width = mask_logits.shape[1:]
    entropy = F.binary_cross_entropy_with_logits(mask_logits.float(), masks, reduction="sum")
    return entropy / (height * width)


def objectness_loss(objectness: Tensor, mask_logits: Tensor, masks: Tensor) -> Tensor:
    """Sum over M pairs of the binary cross entropy towards the mask's IoU (no gradient)."""
    wanted = mask_ious(mask_logits.detach().float().sigmoid(), masks)
    return F.binary_cross_entropy_with_logits(objectness.float(), wanted, reduction="sum")


def mask_ious(probabilities: Tensor, masks: Tensor) -> Tensor:
    """IoU of p ≥ 0.4 and t > 0.5: [M, h, w] twice -> [M]."""
    p = (probabilities >= OBJECT_THRESHOLD).flatten(1)
    t = (masks > 0.5).flatten(1)
    intersection = (p & t).sum(1).float()
    union = (p | t).sum(1).float()
    return intersection / (union + IOU_EPSILON)

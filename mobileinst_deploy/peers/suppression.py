"""Three ways to drop duplicates. Whatever comes in is sorted: best first."""

import math
from typing import Literal

import numpy as np

from mobileinst_deploy.peers.boxes import overlaps
from mobileinst_deploy.peers.instances import Floats, Indices, Masks


def class_nms(boxes: Floats, classes: Indices, threshold: float) -> Indices:
    """Greedy suppression, each class for itself: [n, 4], [n] -> the rows that stay, in order.

    A box goes where a better one of its class that stays overlaps it by more than `threshold`.
    """
    rivals = (overlaps(boxes, boxes) > threshold) & (classes[:, None] == classes)
    alive = np.ones(len(boxes), np.bool_)
    for row in range(len(boxes)):
        if alive[row]:
            alive[row + 1 :] &= ~rivals[row, row + 1 :]
    return np.flatnonzero(alive)


def fast_nms(boxes: Floats, threshold: float) -> Masks:
    """Which boxes stay, of every class at once: [C, n, 4] -> [C, n].

    Also a box that is gone itself suppresses others (Bolya et al., "YOLACT", ICCV 2019, §3.4).
    """
    better = np.triu(overlaps(boxes, boxes), k=1)  # [C, n, n]
    stays: Masks = better.max(axis=1, initial=0) <= threshold
    return stays


def matrix_nms(
    masks: Masks,
    classes: Indices,
    scores: Floats,
    kernel: Literal["gaussian", "linear"] = "gaussian",
    sigma: float = 2.0,
) -> Floats:
    """The scores, lowered by how much better masks of the same class overlap: -> [n].

    Wang et al., "SOLOv2", NeurIPS 2020, §3.4: the decay of j is the least f(iou_ij) / f(iou_i*)
    over all better i, where f(iou_i*) is the least f(iou_ki) over all k better than i.
    Masks [n, h, w], classes and scores [n].
    """
    ious = np.triu(mask_overlaps(masks) * (classes[:, None] == classes), k=1)
    own = ious.max(axis=0, initial=0)[:, None]  # f falls, so its least is of the largest IoU
    if kernel == "gaussian":
        decays = np.exp(-sigma * (ious**2 - own**2))
    else:
        decays = (1 - ious) / np.maximum(1 - own, np.finfo(np.float32).eps)
    better = np.triu(np.ones_like(ious, np.bool_), k=1)
    lowered: Floats = scores * np.where(better, decays, 1).min(axis=0, initial=1)
    return lowered


def mask_overlaps(masks: Masks) -> Floats:
    """Intersection over union of all pairs: [n, h, w] -> [n, n]; 0 for two empty masks."""
    flat = masks.reshape(len(masks), math.prod(masks.shape[1:])).astype(np.float32)
    common = flat @ flat.T
    sizes = common.diagonal()
    union = sizes[:, None] + sizes - common
    y: Floats = np.divide(common, union, out=np.zeros_like(common), where=union > 0)
    return y

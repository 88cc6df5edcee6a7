"""YOLACT: boxes from priors, Fast NMS, and masks from prototypes, each cropped by its box.

Bolya et al., "YOLACT: Real-time Instance Segmentation", ICCV 2019. A anchors, C classes without
the background, k prototypes.
"""

import numpy as np

from mobileinst_deploy.peers.boxes import from_offsets
from mobileinst_deploy.peers.instances import (
    KEPT,
    Candidates,
    Floats,
    Instances,
    Masks,
    binary,
    largest,
)
from mobileinst_deploy.peers.suppression import fast_nms
from models.peers.yolact_priors import priors

PER_CLASS = 200  # boxes of each class that go into Fast NMS (its code's top_k)
THRESHOLD = 0.5  # of the IoU


def detect(
    size: tuple[int, int],
    class_logits: Floats,
    offsets: Floats,
    coefficients: Floats,
    prototypes: Floats,
) -> Instances:
    """The image's height and width, and [A, 1 + C], [A, 4], [A, k], [k, h, w] -> Instances."""
    boxes = from_offsets(priors(*size), offsets)
    found = suppress(softmax(class_logits)[:, 1:], boxes)
    scale = prototypes.shape[1] / size[0]
    masks = assemble(prototypes, coefficients[found.places], boxes[found.places] * scale)
    return Instances(found.scores, found.classes, masks)


def suppress(probabilities: Floats, boxes: Floats) -> Candidates:
    """Fast NMS in each class, then the best `KEPT` of all that stay: [A, C], [A, 4]."""
    by_class = np.ascontiguousarray(probabilities.T)
    places = largest(by_class, min(PER_CLASS, by_class.shape[1]))  # [C, n]
    reached = np.take_along_axis(by_class, places, axis=1)
    stays = fast_nms(boxes[places], THRESHOLD)
    classes, ranks = np.nonzero(stays)
    found = Candidates(reached[stays], classes, places[classes, ranks])
    return found.take(largest(found.scores, min(KEPT, len(found.scores))))


def assemble(prototypes: Floats, coefficients: Floats, boxes: Floats) -> Masks:
    """[k, h, w], [n, k], boxes [n, 4] in the prototypes' pixels -> masks [n, h, w] (§3.1, §3.2)."""
    count, height, width = prototypes.shape
    logits = coefficients @ prototypes.reshape(count, -1)
    return binary(logits).reshape(-1, height, width) & inside(boxes, height, width)


def inside(boxes: Floats, height: int, width: int) -> Masks:
    """Which pixels lie in each box with one pixel more all around, as in its code."""
    low, high = boxes[:, :2] - 1, boxes[:, 2:] + 1  # x, y
    x, y = np.arange(width), np.arange(height)
    columns = (x >= low[:, :1]) & (x < high[:, :1])  # [n, w]
    rows = (y >= low[:, 1:]) & (y < high[:, 1:])  # [n, h]
    return rows[:, :, None] & columns[:, None, :]


def softmax(logits: Floats) -> Floats:
    """Along the last axis."""
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    y: Floats = raised / raised.sum(axis=-1, keepdims=True)
    return y

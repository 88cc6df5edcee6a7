"""Literal loops over single boxes and pixels, that the package is held against."""

import math

import numpy as np

Box = tuple[float, float, float, float]


def iou(a: Box, b: Box) -> float:
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    common = width * height
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - common
    return common / union if union > 0 else 0.0


def mask_iou(a: np.ndarray, b: np.ndarray) -> float:
    union = int((a | b).sum())
    return int((a & b).sum()) / union if union else 0.0


def greedy(boxes: list[Box], classes: list[int], threshold: float) -> list[int]:
    kept: list[int] = []
    for row, box in enumerate(boxes):
        rivals = [other for other in kept if classes[other] == classes[row]]
        if all(iou(boxes[other], box) <= threshold for other in rivals):
            kept.append(row)
    return kept


def fast(boxes: list[Box], threshold: float) -> list[bool]:
    """Of one class."""
    return [
        all(iou(better, box) <= threshold for better in boxes[:row])
        for row, box in enumerate(boxes)
    ]


def matrix(masks: list[np.ndarray], classes: list[int], scores: list[float], f) -> list[float]:
    """`f` takes an IoU; SOLOv2's formula, a loop for each min in it."""

    def overlap(better: int, worse: int) -> float:
        same = classes[better] == classes[worse]
        return mask_iou(masks[better], masks[worse]) if same else 0.0

    lowered = []
    for j, score in enumerate(scores):
        decay = 1.0
        for i in range(j):
            own = min((f(overlap(k, i)) for k in range(i)), default=1.0)
            decay = min(decay, f(overlap(i, j)) / own)
        lowered.append(score * decay)
    return lowered


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))

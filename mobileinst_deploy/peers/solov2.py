"""SOLOv2: cells beside a better one drop out, masks are made of the best, then Matrix NMS.

Wang et al., "SOLOv2: Dynamic and Fast Instance Segmentation", NeurIPS 2020. L cells of all grids.
"""

from collections.abc import Iterator

import numpy as np

from export.live_kernels import sigmoid
from mobileinst_deploy.peers.instances import (
    Candidates,
    Floats,
    Indices,
    Instances,
    Masks,
    best_candidates,
    binary,
)
from mobileinst_deploy.peers.suppression import matrix_nms

GRIDS = (40, 36, 24, 16, 12)  # cells along each side, from the finest level on
STRIDES = (8, 8, 16, 32, 32)  # of these levels; a mask of fewer pixels is none


def choose(category_logits: Floats, count: int) -> Candidates:
    """The best cells, whose kernels the masks are made with: [L, C]."""
    probabilities = sigmoid(category_logits)
    peaks = [local_peaks(grid).reshape(-1, grid.shape[2]) for grid in split(probabilities)]
    return best_candidates(probabilities * np.concatenate(peaks), count)


def split(cells: Floats) -> Iterator[Floats]:
    """[L, C] -> [side, side, C] of each grid."""
    ends = np.cumsum(np.square(GRIDS))
    for side, part in zip(GRIDS, np.split(cells, ends[:-1]), strict=True):
        yield part.reshape(side, side, -1)


def local_peaks(grid: Floats) -> Masks:
    """Where a cell is the largest of itself and those to its left, above, and left above.

    [h, w, C] -> [h, w, C], as the 2×2 maximum of its code.
    """
    padded = np.pad(grid, ((1, 0), (1, 0), (0, 0)), constant_values=-np.inf)
    largest = np.maximum(padded[:-1], padded[1:])
    largest = np.maximum(largest[:, :-1], largest[:, 1:])
    peaks: Masks = grid == largest
    return peaks


def finish(found: Candidates, mask_logits: Floats) -> Instances:
    """With the mask logits [n, h, w] of the chosen cells.

    A score counts how sure the mask's pixels are, and what Matrix NMS leaves of it; the order is of
    the scores in the end (§3.3, §3.4).
    """
    masks = binary(mask_logits)
    sizes = masks.sum(axis=(1, 2))
    real = np.flatnonzero(sizes > strides_of(found.places))
    masks, sizes, found = masks[real], sizes[real], found.take(real)
    sure = (sigmoid(mask_logits[real]) * masks).sum(axis=(1, 2)) / sizes
    scores = found.scores * sure
    order = np.argsort(-scores, kind="stable")
    masks, classes = masks[order], found.classes[order]
    lowered = matrix_nms(masks, classes, scores[order])
    final = np.argsort(-lowered, kind="stable")
    return Instances(lowered[final], classes[final], masks[final])


def strides_of(cells: Indices) -> Indices:
    ends = np.cumsum(np.square(GRIDS))
    return np.array(STRIDES)[np.searchsorted(ends, cells, side="right")]

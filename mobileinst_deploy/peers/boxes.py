"""Boxes as x0, y0, x1, y1 in pixels: how networks write them, and how much two overlap."""

import numpy as np

from mobileinst_deploy.peers.instances import Floats

VARIANCES = (0.1, 0.2)  # of centres and sizes (Liu et al., "SSD", ECCV 2016, in its code)


def from_distances(points: Floats, distances: Floats) -> Floats:
    """Points [L, 2] as x, y and distances [L, 4] to left, top, right, bottom -> boxes [L, 4].

    Tian et al., "FCOS", ICCV 2019, Eq. (1); all in pixels.
    """
    return np.concatenate([points - distances[:, :2], points + distances[:, 2:]], axis=1)


def from_offsets(anchors: Floats, offsets: Floats) -> Floats:
    """Anchors [L, 4] as cx, cy, w, h and offsets [L, 4] from these -> boxes [L, 4].

    Liu et al., "SSD", ECCV 2016, Eq. (2), with its code's variances; YOLACT takes it over.
    """
    centres = anchors[:, :2] + VARIANCES[0] * offsets[:, :2] * anchors[:, 2:]
    halves = anchors[:, 2:] * np.exp(VARIANCES[1] * offsets[:, 2:]) / 2
    return np.concatenate([centres - halves, centres + halves], axis=1)


def overlaps(first: Floats, second: Floats) -> Floats:
    """Intersection over union of all pairs: [..., n, 4], [..., m, 4] -> [..., n, m].

    0 for two boxes without area.
    """
    a, b = first[..., :, None, :], second[..., None, :, :]
    sides = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    common = np.prod(np.maximum(sides, 0), axis=-1)
    union = area(a) + area(b) - common
    y: Floats = np.divide(common, union, out=np.zeros_like(common), where=union > 0)
    return y


def area(boxes: Floats) -> Floats:
    """[..., 4] -> [...]."""
    y: Floats = np.prod(np.maximum(boxes[..., 2:] - boxes[..., :2], 0), axis=-1)
    return y

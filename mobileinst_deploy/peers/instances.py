"""What every network's post-processing goes through and ends with."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Indices = NDArray[np.intp]
Masks = NDArray[np.bool_]

KEPT = 100  # instances of a picture, at most: COCO's evaluation looks at no more


class Candidates(NamedTuple):
    """Places that may be instances, best first."""

    scores: Floats  # [n], 0..1
    classes: Indices  # [n]
    places: Indices  # [n], rows of the network's outputs

    def take(self, rows: Indices) -> "Candidates":
        return Candidates(self.scores[rows], self.classes[rows], self.places[rows])


class Instances(NamedTuple):
    """The n best instances of a picture, best first; masks at the size that the network gives."""

    scores: Floats  # [n], 0..1
    classes: Indices  # [n]
    masks: Masks  # [n, h, w]


def best_candidates(probabilities: Floats, count: int) -> Candidates:
    """The best pairs of a place and a class: [L, C] -> `count` of them, or all L × C.

    A threshold would leave as many as a network sees fit, and one with drawn weights sees
    anything; a fixed number costs what a crowded picture does.
    """
    flat = probabilities.ravel()
    best = largest(flat, min(count, len(flat)))
    places, classes = np.divmod(best, probabilities.shape[1])
    return Candidates(flat[best], classes, places)


def largest(values: Floats, count: int) -> Indices:
    """Where the `count` largest of the last axis are, the largest first; the first of equals."""
    if count < values.shape[-1]:
        found = np.sort(np.argpartition(-values, count - 1, axis=-1)[..., :count], axis=-1)
    else:
        found = np.broadcast_to(np.arange(values.shape[-1]), values.shape)
    order = np.argsort(-np.take_along_axis(values, found, axis=-1), axis=-1, kind="stable")
    return np.take_along_axis(found, order, axis=-1)


def binary(mask_logits: NDArray[Any]) -> Masks:
    """Where the probability is above one half."""
    above: Masks = mask_logits > 0
    return above

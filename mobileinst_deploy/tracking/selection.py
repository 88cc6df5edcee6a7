"""Which of a keyframe's queries may be objects."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from export.live_kernels import best_queries, scores, sigmoid
from mobileinst_deploy.tracking.association import gains, unit

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Candidates:
    """The m best queries of a keyframe, best first."""

    scores: Floats  # [m], 0..1
    class_probabilities: Floats  # [m, C]
    kernels: Floats  # [m, D]
    mask_logits: Floats  # [m, H/8, W/8]
    best: float  # the best query's score, also where it is below the threshold


def select(
    outputs: Mapping[str, NDArray[Any]], threshold: float, count: int, duplicate: float = 1.0
) -> Candidates:
    """Of a keyframe graph's outputs, those whose score reaches the threshold; `count` at most.

    A score is sqrt(best class probability × objectness probability), as in SparseInst's inference.
    A query whose kernel has a cosine above `duplicate` with a better candidate's is none, and the
    next one takes its place.
    """
    class_logits, objectness = outputs["class_logits"][0], outputs["objectness"][0]
    ranked = best_queries(class_logits, objectness, len(class_logits))
    reached = scores(class_logits[ranked], objectness[ranked])
    likely = ranked[reached >= threshold]
    kept = distinct(outputs["kernels"][0, likely], duplicate, count)
    queries = likely[kept]
    return Candidates(
        reached[kept],
        sigmoid(class_logits[queries]),
        outputs["kernels"][0, queries],
        outputs["mask_logits"][0, queries],
        float(reached[0]),
    )


def distinct(kernels: Floats, duplicate: float, count: int) -> list[int]:
    """Of [m, D], best first, the first `count` of which none is like one before it.

    Rounding that lifts a cosine above 1 is far below a step of a gain: at 1 all are distinct.
    """
    directions, kept = unit(kernels), list[int]()
    for place, direction in enumerate(directions):
        if len(kept) == count:
            break
        if not gains(directions[kept] @ direction, duplicate).any():
            kept.append(place)
    return kept

"""Which of a keyframe's queries may be objects."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from export.live_kernels import best_queries, scores, sigmoid

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Candidates:
    """The m best queries of a keyframe, best first."""

    scores: Floats  # [m], 0..1
    class_probabilities: Floats  # [m, C]
    kernels: Floats  # [m, D]
    mask_logits: Floats  # [m, H/8, W/8]
    best: float  # the best query's score, also where it is below the threshold


def select(outputs: Mapping[str, NDArray[Any]], threshold: float, count: int) -> Candidates:
    """Of a keyframe graph's outputs, those whose score reaches the threshold; `count` at most.

    A score is sqrt(best class probability × objectness probability), as in SparseInst's inference.
    """
    class_logits, objectness = outputs["class_logits"][0], outputs["objectness"][0]
    best = best_queries(class_logits, objectness, count)
    reached = scores(class_logits[best], objectness[best])
    kept = reached >= threshold
    queries = best[kept]
    return Candidates(
        reached[kept],
        sigmoid(class_logits[queries]),
        outputs["kernels"][0, queries],
        outputs["mask_logits"][0, queries],
        float(reached[0]),
    )

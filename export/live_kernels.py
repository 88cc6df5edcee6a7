"""Which kernels live on after a keyframe, and what fills the places that are left. Needs no torch.

The padding rule: a reuse graph takes exactly n kernels. With fewer live instances the rows behind
them are zeros; their mask logits are then exactly 0, which a sigmoid turns into 0.5, so the
consumer has to drop the rows behind the live ones. With more, the n best scores stay.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

DEFAULT_COUNT = 10  # live kernels n, also where n is free and a number is needed

PADDING_RULE = (
    "live kernels first, best score first, then rows of zeros; masks of rows of zeros are 0 "
    "everywhere and have to be dropped by whoever reads them"
)

Floats = NDArray[np.float32]


def sigmoid(x: Floats) -> Floats:
    y: Floats = 0.5 * (1.0 + np.tanh(0.5 * x))
    return y


def scores(class_logits: Floats, objectness: Floats) -> Floats:
    """sqrt(best class probability × objectness probability) of each query: [N, C], [N, 1] -> [N].

    Source: SparseInst's inference (sparseinst.py).
    """
    y: Floats = np.sqrt(sigmoid(class_logits).max(axis=1) * sigmoid(objectness)[:, 0])
    return y


def best_queries(class_logits: Floats, objectness: Floats, count: int) -> NDArray[np.intp]:
    """Indices of the `count` best queries, best first; all where there are fewer."""
    return np.argsort(-scores(class_logits, objectness), kind="stable")[:count]


def gather_kernels(kernels: Floats, queries: NDArray[np.intp], count: int) -> Floats:
    """[1, N, D] and indices of live queries -> [1, count, D], zeros behind the live ones."""
    live = np.zeros((1, count, kernels.shape[2]), np.float32)
    live[0, : len(queries)] = kernels[0, queries]
    return live


def live(prediction: Mapping[str, NDArray[Any]], count: int) -> Floats:
    """The best kernels of a keyframe's outputs, by the padding rule: [1, count, D]."""
    best = best_queries(prediction["class_logits"][0], prediction["objectness"][0], count)
    return gather_kernels(prediction["kernels"], best, count)

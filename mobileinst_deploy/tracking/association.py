"""Kernels of two keyframes that are of one object (§3.4: cosine similarity, one to one)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

SHORTEST = 1e-12  # a kernel of no length is similar to none
STEPS = 2**30  # of a gain of 1: sums in another order give the same gains, and ties stay ties


def cosine_similarities(kernels: NDArray[Any], others: NDArray[Any]) -> NDArray[np.float64]:
    """[m, D] and [k, D] -> [m, k], each in -1..1."""
    y: NDArray[np.float64] = unit(kernels) @ unit(others).T
    return y


def unit(kernels: NDArray[Any]) -> NDArray[np.float64]:
    wide = kernels.astype(np.float64)
    lengths = np.sqrt((wide * wide).sum(axis=1, keepdims=True))
    y: NDArray[np.float64] = wide / np.maximum(lengths, SHORTEST)
    return y


def associate(similarities: NDArray[np.float64], threshold: float) -> dict[int, int]:
    """Row -> column, so that the similarity above the threshold, summed over the pairs, is largest.

    Pairs at or below the threshold are none: rows and columns may stay alone.
    """
    steps = gains(similarities, threshold)
    rows, columns = linear_sum_assignment(steps, maximize=True)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return {row: column for row, column in pairs if steps[row, column] > 0}


def gains(similarities: NDArray[np.float64], threshold: float) -> NDArray[np.float64]:
    """How far each is above the threshold, in whole steps of 1/STEPS; 0 where it is not."""
    y: NDArray[np.float64] = np.rint(np.maximum(similarities - threshold, 0.0) * STEPS)
    return y

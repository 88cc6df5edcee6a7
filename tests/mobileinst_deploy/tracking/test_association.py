"""One-to-one pairs of kernels, against every assignment that there is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from mobileinst_deploy.tracking.association import associate, cosine_similarities

Matrix = NDArray[np.float64]

THRESHOLDS = st.floats(-0.9, 0.9)
SHAPES = st.tuples(st.integers(0, 5), st.integers(0, 5))
# A few values only, so that ties are common, or any.
COSINES = st.sampled_from([-1.0, 0.0, 0.5, 0.7, 1.0]) | st.floats(-1, 1)
SIMILARITIES = SHAPES.flatmap(
    lambda shape: arrays(np.float64, shape, elements=COSINES, fill=st.nothing())
)
SEEDS = st.integers(0, 2**32 - 1)
DIM = 8


def best_total(similarities: Matrix, threshold: float) -> float:
    """Of all ways to give each row a column of its own or none, the largest total gain."""
    if not len(similarities):
        return 0.0
    first, others = similarities[0], similarities[1:]
    totals = [
        cosine - threshold + best_total(np.delete(others, column, axis=1), threshold)
        for column, cosine in enumerate(first)
    ]
    return max(best_total(others, threshold), *totals, 0.0)


@given(SIMILARITIES, THRESHOLDS)
def test_no_assignment_gains_more(similarities: Matrix, threshold: float):
    pairs = associate(similarities, threshold)
    gains = [similarities[pair] - threshold for pair in pairs.items()]
    assert len(set(pairs.values())) == len(pairs)
    assert all(gain > 0 for gain in gains)
    assert sum(gains) == pytest.approx(best_total(similarities, threshold), abs=1e-12)


def kernels_of(seed: int, count: int) -> Matrix:
    return np.random.default_rng(seed).normal(size=(count, DIM))


def pairs_of(kernels: Matrix, others: Matrix, threshold: float = 0.1) -> dict[int, int]:
    return associate(cosine_similarities(kernels, others), threshold)


@given(SEEDS, st.permutations(range(5)), st.permutations(range(4)))
def test_the_order_of_kernels_does_not_matter(seed: int, rows: list[int], columns: list[int]):
    kernels, others = kernels_of(seed, 5), kernels_of(seed + 1, 4)
    moved = pairs_of(kernels[rows], others[columns])
    assert {rows[i]: columns[j] for i, j in moved.items()} == pairs_of(kernels, others)


@given(SEEDS, arrays(np.float64, (5, 1), elements=st.floats(1e-3, 1e3)))
def test_the_lengths_of_kernels_do_not_matter(seed: int, factors: Matrix):
    kernels, others = kernels_of(seed, 5), kernels_of(seed + 1, 4)
    assert pairs_of(kernels * factors, others) == pairs_of(kernels, others)
    assert pairs_of(kernels, others * factors[:4]) == pairs_of(kernels, others)


@given(SEEDS)
def test_cosines_are_those_of_the_formula(seed: int):
    kernels, others = kernels_of(seed, 3), kernels_of(seed + 1, 4).astype(np.float32)
    for (row, column), cosine in np.ndenumerate(cosine_similarities(kernels, others)):
        a, b = kernels[row].tolist(), others[column].tolist()
        dot = sum(x * y for x, y in zip(a, b, strict=True))
        lengths = sum(x * x for x in a) ** 0.5 * sum(y * y for y in b) ** 0.5
        assert cosine == pytest.approx(dot / lengths, abs=1e-12)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_identical_kernels_stay_one_to_one(count: int):
    same = np.repeat(kernels_of(0, 1), count, axis=0)
    pairs = pairs_of(same, same, 0.5)
    assert sorted(pairs) == sorted(pairs.values()) == list(range(count))


def test_a_kernel_of_no_length_is_like_none():
    kernels = np.zeros((2, DIM))
    assert not cosine_similarities(kernels, kernels_of(0, 3)).any()
    assert pairs_of(kernels, kernels, 0.0) == {}


# Whoever takes the best pair first gains 0.8 here, and leaves the other two alone.
def test_the_sum_decides_and_not_the_best_pair():
    assert associate(np.array([[0.9, 0.8], [0.8, 0.1]]), 0.1) == {0: 1, 1: 0}


def test_what_is_below_the_threshold_is_not_held_against_a_pair():
    """Whoever counted the -1 would give up the 0.9 for it."""
    assert associate(np.array([[0.9, 0.2], [0.15, -1]]), 0.1) == {0: 0}


@pytest.mark.parametrize(("cosine", "pairs"), [(0.5, {}), (0.51, {0: 0}), (-0.2, {})])
def test_a_pair_has_to_be_above_the_threshold(cosine: float, pairs: dict[int, int]):
    assert associate(np.array([[cosine]]), 0.5) == pairs

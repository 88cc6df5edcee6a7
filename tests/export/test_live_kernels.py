"""Which kernels live on after a keyframe, and what stands in the places behind them."""

import numpy as np
import pytest

from export.live_kernels import best_queries, gather_kernels, scores, sigmoid


def logits(*values: float) -> np.ndarray:
    """One query a value, which is its best class logit; the other class is unlikely."""
    return np.array([[value, -9.0] for value in values], np.float32)


def sure(count: int) -> np.ndarray:
    return np.full((count, 1), 5.0, np.float32)


@pytest.mark.parametrize("x", [-1000.0, -20.0, -1.0, 0.0, 1.0, 20.0, 1000.0])
def test_sigmoid(x: float):
    with np.errstate(over="ignore"):
        expected = 1 / (1 + np.exp(-np.float64(x)))
    assert sigmoid(np.float32(x)) == pytest.approx(expected, abs=1e-7)


def test_a_score_is_the_geometric_mean_of_two_probabilities():
    class_logits = np.array([[0.0, -1.0], [2.0, 3.0]], np.float32)
    objectness = np.array([[0.0], [-1.0]], np.float32)
    p3, p_1 = 1 / (1 + np.exp(-3)), 1 / (1 + np.exp(1))
    assert scores(class_logits, objectness) == pytest.approx([0.5, np.sqrt(p3 * p_1)])


@pytest.mark.parametrize(
    ("values", "count", "expected"),
    [
        ((1, 3, 2), 3, [1, 2, 0]),
        ((1, 3, 2), 2, [1, 2]),
        ((1, 3, 2), 1, [1]),
        ((1, 3, 2), 0, []),
        ((1, 3, 2), 10, [1, 2, 0]),
        ((2, 1, 2, 2), 4, [0, 2, 3, 1]),
        ((2, 1, 2, 2), 2, [0, 2]),
        ((), 3, []),
    ],
)
def test_best_queries(values, count, expected):
    class_logits = logits(*values).reshape(-1, 2)
    assert best_queries(class_logits, sure(len(values)), count).tolist() == expected


def test_ties_stay_in_order():
    """Of any number: a sort that is not stable may still be so for a few."""
    values = [1, 2] * 50
    expected = [*range(1, 100, 2), *range(0, 100, 2)]
    assert best_queries(logits(*values), sure(100), 100).tolist() == expected


def test_objectness_counts():
    objectness = np.array([[-5.0], [5.0]], np.float32)
    assert best_queries(logits(3, 1), objectness, 2).tolist() == [1, 0]


KERNELS = np.arange(1, 13, dtype=np.float32).reshape(1, 4, 3)


def test_fewer_live_kernels_are_followed_by_zeros():
    live = gather_kernels(KERNELS, np.array([2, 0]), 5)
    assert (live.shape, live.dtype) == ((1, 5, 3), np.float32)
    assert live[0].tolist() == [[7, 8, 9], [1, 2, 3], [0, 0, 0], [0, 0, 0], [0, 0, 0]]


def test_none_live():
    assert not gather_kernels(KERNELS, np.array([], int), 2).any()


def test_more_live_kernels_are_cut_to_the_best():
    best = best_queries(logits(1, 4, 2, 3), sure(4), 2)
    assert gather_kernels(KERNELS, best, 2)[0].tolist() == [[4, 5, 6], [10, 11, 12]]


def test_the_kernels_are_copied():
    live = gather_kernels(KERNELS, np.array([0]), 1)
    live[:] = -1
    assert KERNELS.min() == 1

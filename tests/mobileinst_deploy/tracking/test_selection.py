"""Which queries are candidates, against the definition written out."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mobileinst_deploy.tracking.selection import select

QUERIES, CLASSES, DIM = 12, 4, 3
Outputs = dict[str, NDArray[np.float32]]


def outputs(seed: int) -> Outputs:
    random = np.random.default_rng(seed)
    shapes = {
        "class_logits": (QUERIES, CLASSES),
        "objectness": (QUERIES, 1),
        "kernels": (QUERIES, DIM),
        "mask_logits": (QUERIES, 2, 3),
    }
    drawn = {name: random.normal(size=(1, *shape), scale=2) for name, shape in shapes.items()}
    return {name: values.astype(np.float32) for name, values in drawn.items()}


def literal_scores(made: Outputs) -> list[float]:
    """sqrt(best class probability × objectness probability), a query."""
    return [
        math.sqrt(max(map(logistic, classes)) * logistic(objectness))
        for classes, (objectness,) in zip(
            made["class_logits"][0].tolist(), made["objectness"][0].tolist(), strict=True
        )
    ]


def logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x))


@given(st.integers(0, 2**32 - 1), st.floats(0, 1), st.integers(1, QUERIES + 3))
def test_the_best_that_reach_the_threshold(seed: int, threshold: float, count: int):
    made = outputs(seed)
    scores = literal_scores(made)
    # Nearer, float32 may round to the other side.
    assume(min(abs(score - threshold) for score in scores) > 1e-6)
    best = sorted(range(QUERIES), key=lambda query: -scores[query])
    wanted = [query for query in best if scores[query] >= threshold][:count]
    got = select(made, threshold, count)
    assert np.allclose(got.scores, [scores[query] for query in wanted], atol=1e-6)
    assert np.array_equal(got.kernels, made["kernels"][0][wanted])
    assert np.array_equal(got.mask_logits, made["mask_logits"][0][wanted])
    logits = made["class_logits"][0][wanted].tolist()
    expected = np.array([[logistic(x) for x in row] for row in logits]).reshape(-1, CLASSES)
    assert np.allclose(got.class_probabilities, expected, atol=1e-6)


def test_of_equal_scores_the_first_queries_win():
    made = outputs(0)
    made["class_logits"][:], made["objectness"][:] = 1, 2
    assert np.array_equal(select(made, 0, 4).kernels, made["kernels"][0, :4])


def test_a_score_on_the_threshold_counts():
    made = outputs(0)
    on = float(select(made, 0, QUERIES).scores[3])
    assert len(select(made, on, QUERIES).scores) == 4


@pytest.mark.parametrize("extreme", [-1e30, 1e30])
def test_extreme_logits_give_scores_of_0_and_1(extreme: float):
    made = outputs(0)
    made["class_logits"][:], made["objectness"][:] = extreme, extreme
    assert set(select(made, 0, QUERIES).scores.tolist()) == {float(extreme > 0)}


def test_none_reaches_the_threshold():
    got = select(outputs(0), 1.0, 5)
    shapes = [got.scores.shape, got.class_probabilities.shape, got.kernels.shape]
    assert shapes == [(0,), (0, CLASSES), (0, DIM)]
    assert got.mask_logits.shape == (0, 2, 3)
    assert got.best == pytest.approx(max(literal_scores(outputs(0))))

"""Which queries are candidates, against the definition written out."""

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mobileinst_deploy.tracking.selection import distinct, select
from mobileinst_deploy.tracking.settings import TrackingSettings

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


def literal_distinct(kernels: list[list[float]], duplicate: float, count: int) -> list[int]:
    """Whoever is not like a better one that is kept, best first."""
    kept: list[int] = []
    for place, kernel in enumerate(kernels):
        if all(cosine(kernel, kernels[other]) <= duplicate for other in kept):
            kept.append(place)
    return kept[:count]


def cosine(one: list[float], other: list[float]) -> float:
    dot = math.fsum(x * y for x, y in zip(one, other, strict=True))
    return dot / (math.hypot(*one) * math.hypot(*other))


@given(st.integers(0, 2**32 - 1), st.floats(-0.9, 0.99), st.integers(1, QUERIES + 3))
def test_of_those_alike_the_best_is_kept_and_makes_room(seed: int, duplicate: float, count: int):
    made, threshold = outputs(seed), 0.4
    every = select(made, threshold, QUERIES)
    kernels = every.kernels.astype(float).tolist()
    pairs = [cosine(one, other) for one, other in combinations(kernels, 2)]
    assume(all(abs(pair - duplicate) > 1e-8 for pair in pairs))  # nearer is on it
    wanted = literal_distinct(kernels, duplicate, count)
    got = select(made, threshold, count, duplicate)
    for name in ("scores", "class_probabilities", "kernels", "mask_logits"):
        assert np.array_equal(getattr(got, name), getattr(every, name)[wanted])
    assert got.best == every.best


# The 2nd is like the 1st, and so is dropped; the 3rd is like the 2nd alone.
@pytest.mark.parametrize(
    ("duplicate", "count", "kept"),
    [(0.9, 4, [0, 2, 3]), (0.9, 2, [0, 2]), (0.7, 4, [0, 3]), (0.98, 4, [0, 1, 2, 3])],
)
def test_what_is_dropped_stands_in_nobodys_way(duplicate: float, count: int, kept: list[int]):
    degrees = np.radians([0, 20, 40, 120])
    kernels = np.stack([np.cos(degrees), np.sin(degrees)], axis=1).astype(np.float32)
    assert distinct(kernels, duplicate, count) == kept


@given(st.lists(st.integers(1, 1000), min_size=2, max_size=8), st.integers(0, 2**32 - 1))
def test_at_1_even_the_same_kernel_of_other_lengths_is_kept(lengths: list[int], seed: int):
    kernel = np.random.default_rng(seed).normal(size=64)
    kernels = (np.array(lengths)[:, None] * kernel / 7).astype(np.float32)
    assert distinct(kernels, 1.0, 10) == [*range(len(lengths))]


@given(st.lists(st.integers(1, 10**6), min_size=2, max_size=2))
def test_a_cosine_on_the_threshold_is_not_above_it(lengths: list[int]):
    kernels = (np.array(lengths)[:, None] * np.array([[1, 0], [4, 3]])).astype(np.float32)
    assert distinct(kernels, 0.8, 2) == [0, 1]
    assert distinct(kernels, 0.8 - 1e-8, 2) == [0]


def test_kernels_of_no_length_are_no_duplicates():
    assert distinct(np.zeros((3, 4), np.float32), 0.0, 3) == [0, 1, 2]


@pytest.mark.parametrize("duplicate", [-1.01, 1.01, math.nan])
def test_a_cosine_that_is_none_is_refused(duplicate: float):
    with pytest.raises(ValueError, match=r"expected a duplicate in \[-1, 1\], got"):
        TrackingSettings(duplicate=duplicate)


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

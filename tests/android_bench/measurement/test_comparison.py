from dataclasses import replace

import numpy as np
import pytest

from android_bench.errors import BenchError
from android_bench.measurement.comparison import LEAST_ROUNDS, compare
from android_bench.measurement.statistics import NoiseFloor
from android_bench.measurement.steadiness import Steadiness
from tests.android_bench.synthetic import NOISES, ROUNDS, TEMPLATE, dependent, result_of

PAIRS = 300
GENERATOR = np.random.default_rng(0)
TEN_MS = 10 + 0.05 * GENERATOR.normal(size=ROUNDS)
WIDE_MS = 10 + 2 * GENERATOR.normal(size=ROUNDS)
THROTTLED = Steadiness("yes", (), (), {}, None, ())


def verdict(a, b, **options) -> str:
    (row,) = compare(result_of({"keyframe": a}), result_of({"keyframe": b}), **options).rows
    return row.verdict


CASES = {
    "the same": (TEN_MS, TEN_MS, "no difference"),
    "slower": (TEN_MS, 1.1 * TEN_MS, "slower"),
    "faster": (TEN_MS, 0.9 * TEN_MS, "faster"),
    "certainly slower, by too little": (TEN_MS, 1.02 * TEN_MS, "no difference"),
    "slower by much, perhaps": (WIDE_MS, 1.1 * np.roll(WIDE_MS, 9), "no difference"),
    "slower by a few microseconds": (0.05 * TEN_MS, 0.055 * TEN_MS, "no difference"),
    "of other lengths": (TEN_MS, 1.1 * np.tile(TEN_MS, 3), "slower"),
    "too few rounds": (TEN_MS[: LEAST_ROUNDS - 1], 2 * TEN_MS, "not comparable"),
    "just enough rounds": (TEN_MS[:LEAST_ROUNDS], 2 * TEN_MS[:LEAST_ROUNDS], "slower"),
}


@pytest.mark.parametrize("name", CASES)
def test_verdict(name):
    a, b, expected = CASES[name]
    assert verdict(a, b) == expected


@pytest.mark.parametrize(("factor", "regression"), [(1.1, True), (1.0, False), (0.9, False)])
def test_only_what_is_slower_is_a_regression(factor, regression):
    found = compare(result_of({"keyframe": TEN_MS}), result_of({"keyframe": factor * TEN_MS}))
    assert found.regression == regression
    assert found.rows[0].ratio == pytest.approx(factor)
    assert found.rows[0].interval[0] < factor < found.rows[0].interval[1]


def test_the_threshold_is_the_callers():
    assert verdict(TEN_MS, 1.02 * TEN_MS, threshold=0.01) == "slower"
    assert verdict(TEN_MS, 1.1 * TEN_MS, threshold=0.2) == "no difference"


@pytest.mark.parametrize("noisy", ["A", "B"])
def test_a_difference_below_either_noise_floor_does_not_count(noisy):
    floors = {name: NoiseFloor(0.1, 0.15 if name == noisy else 0.0) for name in "AB"}
    a = result_of({"keyframe": TEN_MS}, noise_floor=floors["A"])
    b = result_of({"keyframe": 1.1 * TEN_MS}, noise_floor=floors["B"])
    assert compare(a, b).rows[0].verdict == "no difference"


@pytest.mark.parametrize(("factor", "expected"), [(1.3, "no difference"), (1.6, "slower")])
def test_what_busy_neighbours_may_have_cost_does_not_count(factor, expected):
    busy = replace(TEMPLATE.conditions, busy_elsewhere=1.0)
    b = result_of({"keyframe": factor * TEN_MS}, conditions=busy)
    found = compare(result_of({"keyframe": TEN_MS}), b)
    assert found.rows[0].verdict == expected
    assert found.busy_elsewhere == 1


@pytest.mark.parametrize("changes", [{"emulated": True}, {"steadiness": THROTTLED}])
def test_times_that_mean_nothing_are_not_compared(changes):
    a, b = result_of({"keyframe": TEN_MS}), result_of({"keyframe": 2 * TEN_MS}, **changes)
    for found in (compare(a, b), compare(b, a)):
        assert found.rows[0].verdict == "not comparable"
        assert found.rows[0].reason
        assert not found.regression


def test_a_graph_that_only_one_has_is_listed():
    a = result_of({"keyframe": TEN_MS, "fold": TEN_MS})
    b = result_of({"keyframe": TEN_MS, "literal": TEN_MS})
    rows = {row.name: row for row in compare(a, b).rows}
    assert (rows["fold"].verdict, rows["fold"].reason) == ("not comparable", "only A has it")
    assert (rows["literal"].b_ms, rows["literal"].reason) == (np.median(TEN_MS), "only B has it")
    assert rows["keyframe"].verdict == "no difference"


def test_results_without_a_common_graph_are_refused():
    with pytest.raises(BenchError, match=r"no graph is in both.*A has keyframe, B has fold"):
        compare(result_of({"keyframe": TEN_MS}), result_of({"fold": TEN_MS}))


def test_the_mean_frame_is_compared_too():
    graphs = {"keyframe": TEN_MS, "fold": 0.1 * TEN_MS, "reuse_folded": 0.6 * TEN_MS}
    slower = graphs | {"reuse_folded": 0.9 * TEN_MS}
    rows = {row.name: row for row in compare(result_of(graphs), result_of(slower)).rows}
    assert rows["frame, T=3, folded"].verdict == "slower"
    assert rows["frame, T=3, folded"].ratio == pytest.approx((1.1 + 1.8) / (1.1 + 1.2))
    assert "frame, T=3, plain" not in rows


def test_more_graphs_make_wider_intervals():
    graphs = {f"graph {index}": TEN_MS for index in range(20)}
    one = compare(result_of({"graph 0": TEN_MS}), result_of({"graph 0": TEN_MS}))
    many = compare(result_of(graphs), result_of(graphs))
    assert many.confidence == 1 - 0.05 / 20
    assert np.ptp(many.rows[0].interval) > np.ptp(one.rows[0].interval)


def test_conditions_that_differ_are_listed_and_only_they():
    a = result_of({"keyframe": TEN_MS})
    conditions = replace(TEMPLATE.conditions, precision="fp16", governor="schedutil", core=0)
    b = result_of({"keyframe": TEN_MS}, conditions=conditions)
    found = {d.what: (d.a, d.b) for d in compare(a, b).differences}
    assert found == {
        "core": ("1", "0"),
        "precision": ("fp32", "fp16"),
        "governor": ("None", "schedutil"),
    }
    assert compare(a, a).differences == ()


@pytest.mark.parametrize("name", NOISES)
def test_two_runs_of_the_same_thing_differ_as_rarely_as_it_says(name):
    generator, differing = np.random.default_rng(0), 0
    for _ in range(PAIRS):
        pairs = [NOISES[name](generator) for _ in range(3)]
        a, b = (
            {str(index): 10 * run for index, run in enumerate(runs)}
            for runs in zip(*pairs, strict=True)
        )
        rows = compare(result_of(a), result_of(b)).rows
        differing += any(row.verdict != "no difference" for row in rows)
    assert differing <= 0.05 * PAIRS


def test_a_real_slowdown_of_five_percent_is_mostly_found():
    generator, found = np.random.default_rng(0), 0
    for _ in range(PAIRS):
        a, b = (1 + 0.2 * (dependent(generator) - 1) for _ in range(2))  # noise of 1 %
        found += verdict(10 * a, 10.5 * b) == "slower"
    assert found >= 0.9 * PAIRS

import numpy as np
import pytest

from android_bench import statistics
from android_bench.errors import BenchError
from android_bench.statistics import Ratio

# name: series, median, 90th percentile, and whether its halves differ by more than 5 %
SERIES = {
    "constant": ([4.0] * 40, 4.0, 4.0, False),
    "two points": ([1.0, 3.0], 2.0, 2.8, True),
    "one outlier": ([2.0] * 39 + [500.0], 2.0, 2.0, False),
    "two modes": ([1.0, 9.0] * 30 + [9.0], 9.0, 9.0, True),
    "drift": (list(np.linspace(10, 20, 101)), 15.0, 19.0, True),
}


@pytest.fixture(params=SERIES)
def case(request):
    return SERIES[request.param]


def test_median_and_percentile(case):
    samples, median, p90, _ = case
    assert statistics.median(samples) == median
    assert statistics.percentile(samples, 90) == pytest.approx(p90)


def test_interval_lies_around_the_median_and_within_the_samples(case):
    samples, median, _, _ = case
    low, high = statistics.median_ci95(samples)
    assert min(samples) <= low <= median <= high <= max(samples)


def test_half_drift(case):
    samples, _, _, drifts = case
    assert (abs(statistics.half_drift(samples)) > 0.05) == drifts


def test_a_constant_series_has_an_interval_of_no_width():
    assert statistics.median_ci95([4.0] * 40) == (4.0, 4.0)


def test_the_interval_of_two_modes_reaches_both():
    assert statistics.median_ci95([1.0, 9.0] * 30) == (1.0, 9.0)


def test_the_same_seed_gives_the_same_interval():
    samples = np.random.default_rng(1).normal(10, 1, 30)
    assert statistics.median_ci95(samples, seed=7) == statistics.median_ci95(samples, seed=7)


def test_another_seed_draws_other_rounds():
    (rows,), (others,) = statistics.draw_rows(30, seed=7), statistics.draw_rows(30, seed=8)
    assert not np.array_equal(rows, others)


def test_a_long_series_is_drawn_in_blocks(monkeypatch):
    monkeypatch.setattr(statistics, "BLOCK", 1000)
    blocks = list(statistics.draw_rows(30, seed=0))
    assert len(blocks) > 1
    assert sum(len(rows) for rows in blocks) == statistics.RESAMPLES


def test_the_interval_covers_the_true_median_of_a_normal_sample_as_often_as_it_says():
    generator = np.random.default_rng(0)
    intervals = [statistics.median_ci95(generator.normal(100, 5, 41), seed) for seed in range(200)]
    covered = sum(low <= 100 <= high for low, high in intervals)
    assert 0.90 <= covered / len(intervals) <= 0.99


def test_the_ratio_of_a_series_to_itself_is_exactly_one():
    samples = np.random.default_rng(0).normal(10, 1, 30)
    assert statistics.paired_ratio(samples, samples) == Ratio(1.0, (1.0, 1.0))


def test_what_slows_a_whole_round_cancels_out_of_the_ratio():
    rounds = np.random.default_rng(0).uniform(1, 100, 51)
    ratio = statistics.paired_ratio(2 * rounds, rounds)
    assert ratio.ci95 == pytest.approx((2, 2))


def test_the_ratio_finds_a_known_difference():
    generator = np.random.default_rng(0)
    ratio = statistics.paired_ratio(generator.normal(12, 0.3, 80), generator.normal(10, 0.3, 80))
    assert ratio.ci95[0] < 1.2 < ratio.ci95[1]
    assert ratio.ci95[0] > 1.1


def test_noise_floor_of_two_series_of_one_distribution_is_small_but_not_nothing():
    generator = np.random.default_rng(0)
    floor = statistics.noise_floor(generator.normal(10, 0.3, 80), generator.normal(10, 0.3, 80))
    assert 0 <= floor.difference < floor.upper < 0.03


def test_noise_floor_is_the_same_whichever_of_the_two_is_slower():
    slow, fast = [11.0] * 20, [10.0] * 20
    assert statistics.noise_floor(slow, fast).upper == pytest.approx(0.1)
    assert statistics.noise_floor(fast, slow).difference == pytest.approx(1 - 10 / 11)


@pytest.mark.parametrize(("interval", "cost"), [(1, 12.0), (3, 8.0), (6, 7.0)])
def test_amortised_cost_of_every_round(interval, cost):
    key, fold, reuse = [10.0] * 4, [2.0] * 4, [6.0] * 4
    assert statistics.amortised([key, fold], reuse, interval) == pytest.approx([cost] * 4)


@pytest.mark.parametrize("samples", [[], [1.0, float("nan")], [float("inf")], [[1.0], [2.0]]])
@pytest.mark.parametrize(
    "function",
    [statistics.median, statistics.median_ci95, statistics.half_drift],
)
def test_what_is_no_series_is_refused(function, samples):
    with pytest.raises(BenchError, match="expected"):
        function(samples)


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ([], [], "1 or more samples"),
        ([1.0], [1.0, 2.0], "as many samples in both, got 1 and 2"),
        ([1.0, 1.0], [1.0, 0.0], "above 0"),
    ],
)
@pytest.mark.parametrize("function", [statistics.paired_ratio, statistics.noise_floor])
def test_what_is_no_pair_is_refused(function, first, second, message):
    with pytest.raises(BenchError, match=message):
        function(first, second)


def test_drift_of_one_sample_is_refused():
    with pytest.raises(BenchError, match="2 or more samples"):
        statistics.half_drift([1.0])

import numpy as np
import pytest

from android_bench.errors import BenchError
from android_bench.measurement import statistics
from android_bench.measurement.statistics import Ratio
from tests.android_bench.synthetic import autoregressive

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
    samples, base = np.random.default_rng(1).normal(10, 1, (2, 30))
    ratios = [statistics.paired_ratio(samples, base, seed=7) for _ in range(2)]
    assert ratios[0] == ratios[1]


def test_another_seed_draws_other_rounds():
    (rows,), (others,) = statistics.draw_rows(30, seed=7), statistics.draw_rows(30, seed=8)
    assert not np.array_equal(rows, others)


def test_a_long_series_is_drawn_in_blocks(monkeypatch):
    monkeypatch.setattr(statistics, "BLOCK", 1000)
    blocks = list(statistics.draw_rows(30, seed=0))
    assert len(blocks) > 1
    assert sum(len(rows) for rows in blocks) == statistics.RESAMPLES


@pytest.mark.parametrize("count", [1, 3, 8, 9, 50])
def test_rounds_are_drawn_in_blocks_of_successive_ones(count):
    (rows,) = statistics.draw_rows(count, seed=0)
    length = -(-count // statistics.BATCHES)
    assert rows.shape == (statistics.RESAMPLES, count)
    steps = np.diff(rows[:, :length], axis=1) % count
    assert (steps == 1 % count).all()


# name: series, the true median, and how many of the 95 % intervals hold it at least. Independent
# samples, then what latencies are like: dependent, skewed, drifting, in two modes.
COVERED = {
    "independent": (lambda g: g.normal(100, 3, 50), 100, 0.94),
    "autocorrelation 0.5": (lambda g: 100 + 3 * autoregressive(g, 50, 0.5), 100, 0.94),
    "autocorrelation 0.7": (lambda g: 100 + 3 * autoregressive(g, 50, 0.7), 100, 0.90),
    "autocorrelation 0.8, long": (lambda g: 100 + 3 * autoregressive(g, 400, 0.8), 100, 0.92),
    "skewed": (lambda g: 100 * np.exp(0.3 * autoregressive(g, 50, 0.5)), 100, 0.94),
    "drift": (lambda g: np.linspace(90, 110, 50) + g.normal(0, 2, 50), 100, 0.94),
    "outliers": (
        lambda g: 100 + g.normal(0, 3, 50) + g.choice([-400, 400, 0], 50, p=[0.05, 0.05, 0.9]),
        100,
        0.94,
    ),
    "two modes": (
        lambda g: g.normal(0, 2, 60) + g.choice([100, 130], 60, p=[0.7, 0.3]),
        101.14,
        0.94,
    ),
}


@pytest.mark.parametrize("name", COVERED)
def test_the_interval_covers_the_true_median_as_often_as_it_says(name):
    draw, true, least = COVERED[name]
    generator = np.random.default_rng(0)
    intervals = [statistics.median_ci95(draw(generator)) for _ in range(400)]
    assert np.mean([low <= true <= high for low, high in intervals]) >= least


def test_the_interval_of_independent_samples_is_not_much_wider_than_it_has_to_be():
    generator = np.random.default_rng(0)
    widths = [np.ptp(statistics.median_ci95(generator.normal(100, 3, 200))) for _ in range(100)]
    exact = 2 * 1.96 * 1.2533 * 3 / np.sqrt(200)  # of the median of a normal sample
    assert 1 <= np.median(widths) / exact < 1.4


def test_a_higher_confidence_gives_a_wider_interval():
    samples = np.random.default_rng(0).normal(10, 1, 50)
    low, high = statistics.median_ci95(samples)
    lower, higher = statistics.median_interval(samples, 0.995)
    assert lower < low < high < higher


@pytest.mark.parametrize("correlation", [0, 0.5, 0.8])
def test_the_ratio_of_two_runs_of_the_same_thing_is_one_as_often_as_it_says(correlation):
    generator = np.random.default_rng(1)
    runs = 100 + 3 * np.array([autoregressive(generator, 50, correlation) for _ in range(800)])
    ratios = [
        statistics.ratio_of_medians(a, b).ci95 for a, b in zip(runs[::2], runs[1::2], strict=True)
    ]
    assert np.mean([low <= 1 <= high for low, high in ratios]) >= 0.94


def test_the_ratio_of_two_runs_finds_a_known_difference():
    generator = np.random.default_rng(0)
    ratio = statistics.ratio_of_medians(
        generator.normal(11, 0.2, 50), generator.normal(10, 0.2, 70)
    )
    assert 1.07 < ratio.ci95[0] < 1.1 < ratio.ci95[1] < 1.13


def test_the_ratio_of_two_runs_the_other_way_round_is_its_inverse():
    first, second = np.random.default_rng(0).normal(10, 1, (2, 40))
    ratio = statistics.ratio_of_medians(first, second)
    low, high = statistics.ratio_of_medians(second, first).ci95
    assert ratio.ci95 == pytest.approx((1 / high, 1 / low))


def test_a_paired_interval_holds_where_both_drift_apart_and_together():
    generator = np.random.default_rng(0)
    covered = 0
    for _ in range(100):
        together = np.exp(0.2 * autoregressive(generator, 50, 0.9))
        apart = np.exp(0.02 * np.array([autoregressive(generator, 50, 0.5) for _ in range(2)]))
        low, high = statistics.paired_ratio(*(together * apart)).ci95
        covered += low <= 1 <= high
    assert covered >= 93


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

"""Medians, intervals and ratios of latency samples: pure functions on series of numbers.

Intervals are 95 % percentile bootstrap intervals: the samples are drawn anew with replacement, the
statistic is taken of every draw, and the interval runs from the 2.5th to the 97.5th percentile of
those values (Efron & Tibshirani, An Introduction to the Bootstrap, 1993, section 13.3). They take
the samples for independent of each other, which `half_drift` helps to judge.

Every function raises BenchError where a series is empty or holds something that is not a number.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from android_bench.errors import BenchError

RESAMPLES = 2000
BLOCK = 2_000_000  # indices drawn at a time, which bounds the memory of long series
SEED = 0

Series = Sequence[float] | NDArray[np.float64]
Interval = tuple[float, float]  # low, high
Rows = NDArray[np.int64]  # [resamples, samples] indices into a series


@dataclass(frozen=True)
class Ratio:
    """How many times as long one series takes as another."""

    value: float
    ci95: Interval


@dataclass(frozen=True)
class NoiseFloor:
    """How far apart two series of the same thing came to lie, as fractions (0.03 is 3 %)."""

    difference: float  # |ratio of the medians - 1|
    upper: float  # the upper end of its 95 % interval


def as_series(samples: Series, least: int = 1) -> NDArray[np.float64]:
    """[n] float64. Raises BenchError for fewer than `least` samples, and for NaN or infinity."""
    series = np.asarray(samples, np.float64)
    if series.ndim != 1 or len(series) < least:
        raise BenchError(f"expected {least} or more samples in a row, got shape {series.shape}")
    if not np.isfinite(series).all():
        raise BenchError("expected finite samples, got NaN or infinity among them")
    return series


def as_pair(
    first: Series, second: Series, least: int = 1
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Two series of the same rounds. Raises BenchError unless equally long and above 0."""
    pair = as_series(first, least), as_series(second, least)
    if len(pair[0]) != len(pair[1]):
        raise BenchError(f"expected as many samples in both, got {len(pair[0])} and {len(pair[1])}")
    if min(pair[0].min(), pair[1].min()) <= 0:
        raise BenchError("expected samples above 0, since a ratio is taken of them")
    return pair


def median(samples: Series) -> float:
    return float(np.median(as_series(samples)))


def percentile(samples: Series, percent: float) -> float:
    """Interpolated linearly between the two nearest samples; `percent` is 0..100."""
    return float(np.percentile(as_series(samples), percent, method="linear"))


def median_ci95(samples: Series, seed: int = SEED) -> Interval:
    """The 95 % percentile bootstrap interval of the median."""
    series = as_series(samples)
    return interval95(bootstrap(len(series), lambda rows: row_medians(series, rows), seed))


def paired_ratio(samples: Series, base: Series, seed: int = SEED) -> Ratio:
    """The ratio of the medians of two interleaved series, sample i of both being of round i.

    The bootstrap draws whole rounds, so what slows both samples of a round cancels out.
    """
    series, against = as_pair(samples, base)
    ratios = bootstrap(len(series), lambda rows: ratio_of_rows(series, against, rows), seed)
    return Ratio(median(series) / median(against), interval95(ratios))


def noise_floor(samples: Series, again: Series, seed: int = SEED) -> NoiseFloor:
    """From an A/A run: two interleaved series of the same graph, which ideally differ by nothing.

    A difference between two graphs that is smaller than `upper` may be chance.
    """
    series, against = as_pair(samples, again)
    differences = bootstrap(
        len(series), lambda rows: np.abs(ratio_of_rows(series, against, rows) - 1), seed
    )
    return NoiseFloor(abs(median(series) / median(against) - 1), interval95(differences)[1])


def half_drift(samples: Series) -> float:
    """The median of the second half over that of the first, minus 1. Takes 2 samples or more."""
    series = as_series(samples, least=2)
    middle = len(series) // 2
    first, second = as_pair(series[:middle], series[-middle:])
    return median(second) / median(first) - 1


def amortised(key: Sequence[Series], reuse: Series, interval: int) -> NDArray[np.float64]:
    """The mean cost of a frame in every round, [n], with one key frame in `interval` frames.

    `key` has the series whose costs a key frame adds up to, `reuse` that of every other frame.
    """
    at_key = np.sum([as_series(part) for part in key], axis=0)
    return np.asarray((at_key + (interval - 1) * as_series(reuse)) / interval)


def bootstrap(
    count: int, statistic: Callable[[Rows], NDArray[np.float64]], seed: int
) -> NDArray[np.float64]:
    """[RESAMPLES] values of `statistic`, which takes [r, count] indices and gives [r] values."""
    return np.concatenate([statistic(rows) for rows in draw_rows(count, seed)])


def draw_rows(count: int, seed: int) -> Iterator[Rows]:
    generator = np.random.default_rng(seed)
    step = max(1, min(RESAMPLES, BLOCK // count))
    for start in range(0, RESAMPLES, step):
        yield generator.integers(count, size=(min(step, RESAMPLES - start), count))


def row_medians(series: NDArray[np.float64], rows: Rows) -> NDArray[np.float64]:
    return np.asarray(np.median(series[rows], axis=1), np.float64)


def ratio_of_rows(
    series: NDArray[np.float64], base: NDArray[np.float64], rows: Rows
) -> NDArray[np.float64]:
    return np.divide(row_medians(series, rows), row_medians(base, rows))


def interval95(values: NDArray[np.float64]) -> Interval:
    low, high = np.percentile(values, [2.5, 97.5], method="linear")
    return float(low), float(high)

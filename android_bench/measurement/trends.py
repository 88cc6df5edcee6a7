"""Trends and steps in series that are noisy, skewed, have outliers or jump between two modes.

All of it works on ranks and medians, so that a few wild samples, or a clock that flickers between
two frequencies, are no trend.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from android_bench.measurement.statistics import Interval

BATCHES = 10  # of successive samples; the trend is that of their medians
LEAST_SAMPLES = 20  # for a trend: two a batch
SHORTEST = 5  # samples on either side of a step
STEP_CHANCE = 1e-4  # of a step where there is none

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Trend:
    """A straight line through a series: how much it rises a second."""

    per_s: float  # Theil-Sen slope
    ci95: Interval  # of the slope, Sen's
    chance: float  # 0..1, of such an order where there is no trend; Mann-Kendall, two-sided


def find_trend(at_s: Array, values: Array) -> Trend:
    """The trend of medians of up to BATCHES batches, which are less dependent than the samples.

    Sen, Estimates of the regression coefficient based on Kendall's tau, JASA 63, 1968; Mann,
    Nonparametric tests against trend, Econometrica 13, 1945.
    """
    count = min(BATCHES, len(values))
    times = batch_medians(at_s, count)
    medians = batch_medians(values, count)
    first, second = np.triu_indices(count, k=1)
    rises = medians[second] - medians[first]
    slopes = np.sort(rises / np.maximum(times[second] - times[first], 1e-9))
    spread = math.sqrt(count * (count - 1) * (2 * count + 5) / 18)  # of the sum below, by chance
    order = abs(float(np.sign(rises).sum()))
    return Trend(
        float(np.median(slopes)),
        sen_interval(slopes, spread),
        2 * (1 - NormalDist().cdf(max(0.0, order - 1) / spread)),
    )


def batch_medians(series: Array, count: int) -> Array:
    return np.array([np.median(part) for part in np.array_split(series, count)])


def sen_interval(slopes: Array, spread: float) -> Interval:
    """From the ordered slopes of all pairs."""
    reach = NormalDist().inv_cdf(0.975) * spread
    low = max(0, math.floor((len(slopes) - reach) / 2) - 1)
    high = min(len(slopes) - 1, math.ceil((len(slopes) + reach) / 2))
    return float(slopes[low]), float(slopes[high])


@dataclass(frozen=True)
class Step:
    """Where a series changed its level."""

    index: int  # the first sample of the new level
    ratio: float  # of the medians of the new level and the old one


def find_steps(values: Array, least: float) -> tuple[Step, ...]:
    """Steps of at least this fraction, ascending; each is the sharpest split of what it splits."""
    bounds = [0, *sorted(split(values, 0)), len(values)]
    levels = [float(np.median(values[start:end])) for start, end in pairwise(bounds)]
    steps = (
        Step(index, after / before)
        for index, (before, after) in zip(bounds[1:-1], pairwise(levels), strict=True)
    )
    return tuple(step for step in steps if abs(step.ratio - 1) >= least)


def split(values: Array, offset: int) -> Iterator[int]:
    """Where it is sharpest, and then either side of that again.

    Parts are looked at too, since a level that comes back to where it was is no step of the whole
    (Kovács et al., Seeded binary segmentation, Biometrika 110, 2023).
    """
    quarter, count = len(values) // 4, len(values)
    parts = ((0, count), (0, 2 * quarter), (quarter, 3 * quarter), (2 * quarter, count))
    chance, at = min(sharpest(values[start:end], start) for start, end in parts)
    if chance > STEP_CHANCE:
        return
    yield from split(values[:at], offset)
    yield offset + at
    yield from split(values[at:], offset + at)


def sharpest(values: Array, offset: int) -> tuple[float, int]:
    """The chance of such a step where there is none, and the first sample behind it.

    Pettitt, A non-parametric approach to the change-point problem, Applied Statistics 28, 1979.
    """
    count = len(values)
    if count < 2 * SHORTEST:
        return 1.0, offset
    ahead = np.arange(1, count)
    excess = np.abs(2 * np.cumsum(average_ranks(values))[:-1] - ahead * (count + 1))
    excess[: SHORTEST - 1] = excess[count - SHORTEST :] = 0
    at = int(np.argmax(excess)) + 1
    return 2 * math.exp(-6 * float(excess[at - 1]) ** 2 / (count**3 + count**2)), offset + at


def average_ranks(values: Array) -> Array:
    """1..n; equal values share the mean of their ranks."""
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[which], np.float64)

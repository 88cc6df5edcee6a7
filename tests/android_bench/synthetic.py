"""Results with samples of our own making, and the noise that goes into them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from android_bench.measurement.results import BenchResult, GraphTiming
from android_bench.measurement.statistics import NoiseFloor
from android_bench.measurement.summary import summarise
from tests.android_bench.measurement.test_results import MEASUREMENT

ROUNDS = 50
QUIET = NoiseFloor(0.0, 0.0)
TEMPLATE = summarise(MEASUREMENT)
# The keyframe graph of a small network in 1000 successive rounds on a machine that others used too:
# it jumps between a fast and a slow mode, each of which lasts for some ten to some hundred rounds.
RECORDED_MS = np.array(
    Path(__file__).with_name("recorded_keyframe_ms.txt").read_text().split(), np.float64
)

Array = NDArray[np.float64]
Pair = tuple[Array, Array]


def result_of(series: Mapping[str, Sequence[float] | Array], **changes: object) -> BenchResult:
    graphs = {name: timing(samples) for name, samples in series.items()}
    return replace(TEMPLATE, **{"graphs": graphs, "noise_floor": QUIET, **changes})


def timing(samples_ms: Sequence[float] | Array) -> GraphTiming:
    """Its summary is of other samples: whoever compares takes the samples themselves."""
    samples = tuple(map(float, samples_ms))
    return replace(TEMPLATE.graphs["keyframe"], samples_ms=samples)


def autoregressive(generator: np.random.Generator, count: int, correlation: float) -> Array:
    """Standard normal samples of which each resembles the one before."""
    noise = generator.normal(size=count)
    series = [noise[0]]
    for value in np.sqrt(1 - correlation**2) * noise[1:]:
        series.append(correlation * series[-1] + value)
    return np.array(series)


def independent(generator: np.random.Generator) -> Array:
    return 1 + 0.05 * generator.normal(size=ROUNDS)


def dependent(generator: np.random.Generator) -> Array:
    return 1 + 0.05 * autoregressive(generator, ROUNDS, 0.7)


def skewed(generator: np.random.Generator) -> Array:
    return np.exp(0.1 * np.abs(autoregressive(generator, ROUNDS, 0.5)))


def with_outliers(generator: np.random.Generator) -> Array:
    return 1 + 0.05 * generator.normal(size=ROUNDS) + 9 * (generator.random(ROUNDS) < 0.1)


def two_modes(generator: np.random.Generator) -> Array:
    return 1 + 0.3 * (generator.random(ROUNDS) < 0.4) + 0.01 * generator.normal(size=ROUNDS)


def drifting(generator: np.random.Generator) -> Array:
    return np.linspace(1, 1.1, ROUNDS) + 0.02 * generator.normal(size=ROUNDS)


def twice(draw: Callable[[np.random.Generator], Array]) -> Callable[[np.random.Generator], Pair]:
    return lambda generator: (draw(generator), draw(generator))


def recorded(generator: np.random.Generator) -> Pair:
    """Every other sample of a stretch of what was recorded, and those between them."""
    start = generator.integers(len(RECORDED_MS) - 2 * ROUNDS)
    stretch = RECORDED_MS[start : start + 2 * ROUNDS] / RECORDED_MS[start]
    return stretch[::2], stretch[1::2]


# Two runs of the same thing.
NOISES = {
    draw.__name__: twice(draw)
    for draw in (independent, dependent, skewed, with_outliers, two_modes, drifting)
} | {"recorded": recorded}

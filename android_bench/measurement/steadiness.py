"""Whether a core kept its speed while it was measured: a verdict with its reasons."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from android_bench.measurement.statistics import Interval, as_series
from android_bench.measurement.trends import LEAST_SAMPLES, Array, Step, find_steps, find_trend

Readings = Sequence[tuple[float, int]]  # s and kHz, in the order of time
Throttled = Literal["yes", "suspected", "no", "unknown"]
LEAST_CHANGE = 0.03  # of a latency or a frequency, over the run; less is no reason to suspect
CHANCE = 0.01  # of a trend where there is none


@dataclass(frozen=True)
class CoreSeries:
    """One graph's samples, in the order of the rounds; a series that is empty was not recorded."""

    at_s: Sequence[float]  # since the run began
    samples_ms: Sequence[float]
    frequencies_khz: Sequence[int | None] = ()  # the core's at each sample
    limits_khz: Sequence[int | None] = ()  # what it was allowed to run at (scaling_max_freq)


@dataclass(frozen=True)
class Zone:
    """One thermal sensor."""

    name: str
    at_s: Sequence[float]
    temperatures_c: Sequence[float | None]


@dataclass(frozen=True)
class Warming:
    """How a sensor's temperature went."""

    zone: str
    start_c: float
    end_c: float
    max_c: float
    per_minute_c: float


@dataclass(frozen=True)
class LevelChange:
    at_s: float
    ratio: float  # of the new median to the old one


@dataclass(frozen=True)
class Drift:
    """How a series went from the run's first sample to its last, as fractions of its median."""

    over_run: float  # 0.1: it rose by 10 %
    ci95: Interval
    certain: bool  # that it drifts at all
    changes: tuple[LevelChange, ...]


@dataclass(frozen=True)
class Steadiness:
    throttled: Throttled
    reasons: tuple[str, ...]  # sentences
    warming: tuple[Warming, ...]  # of the sensors that could be read
    latency: dict[str, Drift]  # by graph; of those with samples enough
    frequency: Drift | None  # None: not recorded
    limits_khz: tuple[int, ...]  # what the core was allowed to run at, in turn


def judge(graphs: Mapping[str, CoreSeries], zones: Sequence[Zone] = ()) -> Steadiness:
    """`yes` is certain: the system lowered the core's limit. `suspected` is what latency or
    frequency alone say. Raises BenchError where a series of samples is empty or not finite."""
    latency = {
        name: drift(np.array(graph.at_s), as_series(graph.samples_ms))
        for name, graph in graphs.items()
        if len(graph.samples_ms) >= LEAST_SAMPLES
    }
    frequency = frequency_drift(merge((g.at_s, g.frequencies_khz) for g in graphs.values()))
    limits = merge((graph.at_s, graph.limits_khz) for graph in graphs.values())
    warming = tuple(found for zone in zones if (found := warm(zone)))
    capped = list(caps(limits))
    suspicions = [*slow_downs(latency), *clock_falls(frequency)]
    gaps = list(blind_spots(latency, frequency, len(limits) > 0))
    throttled: Throttled = (
        "yes" if capped else "suspected" if suspicions else "unknown" if gaps else "no"
    )
    heat = list(map(describe_warming, warming)) if throttled in ("yes", "suspected") else []
    reasons = (*capped, *suspicions, *heat, *gaps)
    return Steadiness(throttled, reasons, warming, latency, frequency, in_turn(limits))


def drift(at_s: Array, values: Array) -> Drift:
    trend, level = find_trend(at_s, values), float(np.median(values))
    whole = float(at_s[-1] - at_s[0]) / level
    low, high = trend.ci95
    changes = (describe_step(step, at_s) for step in find_steps(values, LEAST_CHANGE))
    return Drift(
        trend.per_s * whole, (low * whole, high * whole), trend.chance < CHANCE, tuple(changes)
    )


def describe_step(step: Step, at_s: Array) -> LevelChange:
    return LevelChange(float(at_s[step.index]), step.ratio)


def merge(parts: Iterable[tuple[Sequence[float], Sequence[int | None]]]) -> Readings:
    """What was read, of all graphs in the order of time."""
    return sorted(
        (at_s, khz)
        for times_s, read in parts
        for at_s, khz in zip(times_s, read, strict=False)
        if khz
    )


def frequency_drift(readings: Readings) -> Drift | None:
    if len(readings) < LEAST_SAMPLES:
        return None
    at_s, khz = np.array(readings, np.float64).T
    return drift(at_s, khz)


def in_turn(readings: Readings) -> tuple[int, ...]:
    """The values, without repetitions of one another."""
    values = [khz for _, khz in readings]
    return tuple(khz for khz, before in zip(values, [0, *values], strict=False) if khz != before)


def caps(limits: Readings) -> Iterator[str]:
    """When the core was allowed less than before, for the first time; and how little in all."""
    highest = 0
    for at_s, khz in limits:
        if khz < highest:
            yield (
                f"The limit of the core's clock was lowered from {show_khz(highest)} to "
                f"{show_khz(khz)} after {at_s:.1f} s; the lowest was "
                f"{show_khz(min(khz for _, khz in limits))}."
            )
            return
        highest = max(highest, khz)


def slow_downs(latency: Mapping[str, Drift]) -> Iterator[str]:
    for name, found in latency.items():
        if found.certain and found.over_run >= LEAST_CHANGE:
            span = " to ".join(f"{end:.1%}" for end in found.ci95)
            yield f"{name} became {found.over_run:.1%} slower over the run ({span})."
        for change in found.changes:
            if change.ratio >= 1 + LEAST_CHANGE:
                yield f"{name} became {change.ratio - 1:.1%} slower after {change.at_s:.1f} s."


def clock_falls(frequency: Drift | None) -> Iterator[str]:
    if frequency and frequency.certain and frequency.over_run <= -LEAST_CHANGE:
        yield f"The core's clock fell by {-frequency.over_run:.1%} over the run."


def blind_spots(
    latency: Mapping[str, Drift], frequency: Drift | None, limits_known: bool
) -> Iterator[str]:
    """What keeps a steady look from being a verdict."""
    if not latency:
        yield f"No graph has the {LEAST_SAMPLES} samples that a trend takes."
    if frequency is None and not limits_known:
        yield "The device does not say at which frequency its core ran or was allowed to run."


def warm(zone: Zone) -> Warming | None:
    """None for a sensor that was never read."""
    read = [
        (at_s, c) for at_s, c in zip(zone.at_s, zone.temperatures_c, strict=True) if c is not None
    ]
    if not read:
        return None
    at_s, celsius = np.array(read, np.float64).T
    per_s = find_trend(at_s, celsius).per_s if len(read) > 1 else 0.0
    return Warming(
        zone.name, float(celsius[0]), float(celsius[-1]), float(celsius.max()), 60 * per_s
    )


def describe_warming(warming: Warming) -> str:
    return (
        f"{warming.zone} went from {warming.start_c:.1f} to {warming.end_c:.1f} °C, "
        f"{warming.max_c:.1f} at most ({warming.per_minute_c:+.1f} °C a minute)."
    )


def show_khz(khz: int) -> str:
    return f"{khz / 1e6:.2f} GHz"

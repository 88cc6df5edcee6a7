"""What a measurement found: raw samples in, a result out, saved and loaded as JSON.

Whoever measures, a host or a phone, fills a `Measurement`; `summarise` makes the `BenchResult`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec

from android_bench import statistics
from android_bench.errors import BenchError
from android_bench.files import replace_file
from android_bench.statistics import Interval, NoiseFloor, Ratio

SCHEMA_VERSION = 1
KEYFRAME = "keyframe"  # the graph that every other is compared with
INTERVALS = (1, 3, 6)  # frames from one key frame to the next
NOISE_LIMIT = 0.03  # a larger noise floor is worth a warning
DRIFT_LIMIT = 0.05  # and so is a larger difference between the two halves of a series

Milliseconds = Annotated[float, msgspec.Meta(ge=0)]
Samples = Annotated[tuple[Milliseconds, ...], msgspec.Meta(min_length=2)]


@dataclass(frozen=True)
class Conditions:
    """Where and how it was measured; None where the device does not say."""

    device: str
    cpu_model: str | None
    core: int  # the one asked for
    cores_seen: tuple[int, ...]  # the ones that samples ran on
    threads: int
    precision: str
    runtime: str
    runtime_version: str
    runtime_settings: dict[str, str | int]
    warmup: int  # rounds before the ones that count
    iterations: int  # rounds that count
    order: str  # how the graphs take turns
    inputs: str  # what the graphs were fed
    frequency_before_khz: int | None
    frequency_after_khz: int | None
    governor: str | None
    load_average: tuple[float, float, float] | None  # 1, 5, 15 minutes, before measuring
    kernel: str
    platform: str


@dataclass(frozen=True)
class GraphSamples:
    """One graph's samples in the order of the rounds, and what came before them."""

    samples_ms: Samples
    cores: tuple[int, ...]  # of each sample
    load_ms: Milliseconds
    first_ms: Milliseconds  # the first run after loading
    precision: str
    runtime: str


@dataclass(frozen=True)
class GraphTiming(GraphSamples):
    median_ms: Milliseconds
    ci95_ms: Interval  # of the median
    p90_ms: Milliseconds
    p99_ms: Milliseconds
    min_ms: Milliseconds
    ratio_to_keyframe: float
    ratio_to_keyframe_ci95: Interval


@dataclass(frozen=True)
class Measurement:
    """What a device hands over: samples of interleaved rounds, not yet interpreted."""

    bundle: str  # its name
    manifest_sha256: str
    graphs: dict[str, GraphSamples]  # with KEYFRAME among them
    control: GraphSamples  # KEYFRAME once more, loaded on its own
    peak_rss_mib: float | None  # of the whole process
    conditions: Conditions


@dataclass(frozen=True)
class BenchResult:
    """`amortised`: the mean cost of a frame over the keyframe graph's, by frames a key frame."""

    schema_version: int
    bundle: str
    manifest_sha256: str
    graphs: dict[str, GraphTiming]
    amortised: dict[str, float]  # keyframe + fold, then reuse_folded
    amortised_ci95: dict[str, Interval]
    amortised_ms: dict[str, Milliseconds]
    amortised_plain: dict[str, float]  # keyframe, then reuse_plain
    amortised_plain_ci95: dict[str, Interval]
    noise_floor: NoiseFloor
    control: GraphTiming  # the keyframe graph's second session, of the noise floor
    peak_rss_mib: float | None
    conditions: Conditions
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Schedule:
    """The graphs that a key frame and every other frame take."""

    key: tuple[str, ...]
    reuse: str


FOLDED = Schedule((KEYFRAME, "fold"), "reuse_folded")
PLAIN = Schedule((KEYFRAME,), "reuse_plain")


@dataclass(frozen=True)
class Amortised:
    cost_ms: float  # of a frame, on average
    ratio: Ratio  # to the keyframe graph


def summarise(measured: Measurement) -> BenchResult:
    """Raises BenchError where a series is too short or the series are not of the same rounds."""
    series = {name: graph.samples_ms for name, graph in measured.graphs.items()}
    keyframe_ms = series[KEYFRAME]
    graphs = {name: summarise_graph(g, keyframe_ms) for name, g in measured.graphs.items()}
    noise_floor = statistics.noise_floor(measured.control.samples_ms, keyframe_ms)
    folded, plain = amortise(series, FOLDED), amortise(series, PLAIN)
    return BenchResult(
        SCHEMA_VERSION,
        measured.bundle,
        measured.manifest_sha256,
        graphs,
        amortised={interval: cost.ratio.value for interval, cost in folded.items()},
        amortised_ci95={interval: cost.ratio.ci95 for interval, cost in folded.items()},
        amortised_ms={interval: cost.cost_ms for interval, cost in folded.items()},
        amortised_plain={interval: cost.ratio.value for interval, cost in plain.items()},
        amortised_plain_ci95={interval: cost.ratio.ci95 for interval, cost in plain.items()},
        noise_floor=noise_floor,
        control=summarise_graph(measured.control, keyframe_ms),
        peak_rss_mib=measured.peak_rss_mib,
        conditions=measured.conditions,
        warnings=find_warnings(graphs, noise_floor, measured.conditions),
    )


def summarise_graph(graph: GraphSamples, keyframe_ms: Samples) -> GraphTiming:
    ratio = statistics.paired_ratio(graph.samples_ms, keyframe_ms)
    return GraphTiming(
        **vars(graph),
        median_ms=statistics.median(graph.samples_ms),
        ci95_ms=statistics.median_ci95(graph.samples_ms),
        p90_ms=statistics.percentile(graph.samples_ms, 90),
        p99_ms=statistics.percentile(graph.samples_ms, 99),
        min_ms=min(graph.samples_ms),
        ratio_to_keyframe=ratio.value,
        ratio_to_keyframe_ci95=ratio.ci95,
    )


def amortise(series: Mapping[str, Samples], schedule: Schedule) -> dict[str, Amortised]:
    """By interval; of the intervals only 1 where a graph of the schedule was not measured."""
    complete = {*schedule.key, schedule.reuse} <= series.keys()
    costs_ms = {1: statistics.as_series(series[KEYFRAME])}  # nothing is folded for nobody
    for interval in INTERVALS[1:] if complete else ():
        key = [series[name] for name in schedule.key]
        costs_ms[interval] = statistics.amortised(key, series[schedule.reuse], interval)
    return {
        str(interval): Amortised(
            statistics.median(cost_ms), statistics.paired_ratio(cost_ms, series[KEYFRAME])
        )
        for interval, cost_ms in costs_ms.items()
    }


def find_warnings(
    graphs: Mapping[str, GraphTiming], noise_floor: NoiseFloor, conditions: Conditions
) -> tuple[str, ...]:
    """A sentence for each reason to doubt the figures."""
    found = [warning for name, graph in graphs.items() if (warning := drift_warning(name, graph))]
    if noise_floor.upper > NOISE_LIMIT:
        found.append(
            f"The noise floor is {noise_floor.upper:.1%}, above {NOISE_LIMIT:.0%}: "
            "quieten the machine or measure more rounds."
        )
    if conditions.governor not in (None, "performance"):
        found.append(
            f"The frequency governor of core {conditions.core} is {conditions.governor!r}, "
            "so its clock may change while measuring; 'performance' is steadier."
        )
    return tuple(found)


def drift_warning(name: str, graph: GraphTiming) -> str | None:
    drift = statistics.half_drift(graph.samples_ms)
    if abs(drift) <= DRIFT_LIMIT:
        return None
    direction = "above" if drift > 0 else "below"
    return (
        f"The median of {name} in the second half of the rounds lies {abs(drift):.1%} {direction} "
        "that in the first half: the machine was not steady."
    )


def encode(result: BenchResult) -> bytes:
    """Indented JSON with a line's end after it."""
    return msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n"


def save(result: BenchResult, path: Path) -> None:
    """Replaces what is there, whole or not at all. Raises OSError."""
    replace_file(path, encode(result))


def load(path: Path) -> BenchResult:
    """Raises BenchError where the file can't be read or is not a result of this schema."""
    try:
        encoded = path.read_bytes()
        version = msgspec.json.decode(encoded, type=Versioned).schema_version
        if version != SCHEMA_VERSION:
            raise BenchError(
                f"{path} has schema version {version}, expected {SCHEMA_VERSION}; measure again"
            )
        return msgspec.json.decode(encoded, type=BenchResult)
    except OSError as error:
        raise BenchError(f"can't read {path}: {error.strerror or error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BenchError(f"{path} is not a bench result: {error}; measure again") from error


@dataclass(frozen=True)
class Versioned:
    """What a result of any schema has."""

    schema_version: int

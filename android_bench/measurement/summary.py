"""Raw samples in, a result out: medians, intervals, ratios, and reasons to doubt them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from android_bench.measurement import statistics
from android_bench.measurement.doubts import find_doubts
from android_bench.measurement.results import (
    KEYFRAME,
    SCHEMA_VERSION,
    BenchResult,
    GraphSamples,
    GraphTiming,
    Measurement,
    Samples,
)
from android_bench.measurement.statistics import Ratio
from android_bench.measurement.steadiness import CoreSeries, Steadiness, Zone, judge

INTERVALS = (1, 3, 6)  # frames from one key frame to the next


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
    steadiness = judge_steadiness(measured)
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
        warnings=tuple(find_doubts(measured, noise_floor, steadiness)),
        device=measured.device,
        emulated=measured.device is not None and measured.device.emulated,
        steadiness=steadiness,
        cool_down=measured.cool_down,
        thermal=measured.thermal,
        files=measured.files,
        schedules=measured.schedules,
        profile=measured.profile,
    )


def judge_steadiness(measured: Measurement) -> Steadiness:
    """Of the graphs whose samples have times."""
    zones = [
        Zone(one.type or one.path, seconds(one.at_ms), one.temperatures_c)
        for one in measured.thermal
    ]
    return judge(
        {
            name: CoreSeries(
                seconds(graph.at_ms),
                graph.samples_ms,
                graph.frequencies_khz,
                graph.frequency_limits_khz,
            )
            for name, graph in measured.graphs.items()
            if graph.at_ms
        },
        zones,
    )


def seconds(at_ms: Sequence[float]) -> list[float]:
    return [at / 1000 for at in at_ms]


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

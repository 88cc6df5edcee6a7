"""Where one bundle has both a latency and an AP: the measured points of the paper's Fig. 1."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from android_bench.measurement import statistics
from android_bench.measurement.results import BenchResult
from android_bench.measurement.summary import FOLDED
from mobileinst_deploy.report.blocks import LeftOut
from mobileinst_deploy.report.conditions import base_name, device_name, obstacle
from mobileinst_deploy.report.inputs import Loaded
from mobileinst_deploy.report.reading import Evaluated
from mobileinst_deploy.report.sections.accuracy import truth_text, unknown

if TYPE_CHECKING:
    from mobileinst_deploy.evaluation.report import Row

KEYFRAME = "keyframe"
WAYS = ("-runner", "-wheel")  # in which bench runs ncnn; eval runs it in its wheel


@dataclass(frozen=True)
class Measured:
    """AP in percent; the latency is that of a frame in the graphs alone."""

    name: str
    layout: str
    latency_ms: float
    ap: float
    device: str
    runtime: str  # that was timed, with its precision
    truth: str
    interval: int  # frames from keyframe to keyframe


Found = Measured | LeftOut


def find_points(benches: Sequence[Loaded], evaluations: Sequence[Loaded]) -> Iterator[Found]:
    """One for every evaluated row and every bench result of the same bundle, by its manifest."""
    shown = [one.content for one in benches if obstacle(one.content) is None]
    for loaded in evaluations:
        report: Evaluated = loaded.content
        if unknown(report):  # its AP is left out, for that reason
            continue
        same = [b for b in shown if b.manifest_sha256 == report.manifest_sha256]
        for row in report.rows:
            what = f"speed and accuracy of {loaded.name}, {row.of.runtime}"
            if report.class_agnostic:
                yield LeftOut(what, "its AP counts all categories as one, as no other here")
            elif row.scores.ap is None:
                yield LeftOut(what, "the ground truth has nothing to find, so there is no AP")
            elif not same:
                yield LeftOut(what, "no latency: no bench result here is of the same bundle")
            else:
                yield from (point(report, row, row.scores.ap, bench, what) for bench in same)


def point(report: Evaluated, row: "Row", ap: float, bench: BenchResult, what: str) -> Found:
    interval = row.of.interval or 1
    timed = frame_ms(bench, row, interval)
    if timed is None or timed[1] == 0:  # a logarithm has no place for 0
        why = f"no latency in {row.of.runtime} at {row.of.precision}, T = {interval}"
        return LeftOut(what, f"{why}, on {device_name(bench.conditions, bench.device)}")
    runtime, cost_ms = timed
    suffix = f", T = {interval}" if interval > 1 else ""
    return Measured(
        f"{base_name(report.subject)}{suffix}, {runtime}",
        report.truth.layout,
        cost_ms,
        100 * ap,
        device_name(bench.conditions, bench.device) or "",
        f"{runtime} {row.of.precision}",
        truth_text(report),
        interval,
    )


def frame_ms(bench: BenchResult, row: "Row", interval: int) -> tuple[str, float] | None:
    """The runtime that was timed, and a frame's mean cost in it, by folded reuse."""
    for name, graph in bench.graphs.items():
        prefix, _, own = name.rpartition("/")
        if own != KEYFRAME or not is_same(
            graph.runtime, graph.precision, row.of.runtime, row.of.precision
        ):
            continue
        if interval == 1:
            return graph.runtime, graph.median_ms
        names = [f"{prefix}/{one}" if prefix else one for one in (*FOLDED.key, FOLDED.reuse)]
        if bench.graphs.keys() >= set(names):
            *key, reuse = (bench.graphs[one].samples_ms for one in names)
            return graph.runtime, statistics.median(statistics.amortised(key, reuse, interval))
    return None


def is_same(timed: str, precision: str, evaluated: str | None, of: str | None) -> bool:
    """`evaluated` in the precision `of`: a runtime's name in eval, which bench says more about."""
    for way in WAYS:
        timed = timed.removesuffix(way)
    return evaluated is not None and (base(timed), precision) == (base(evaluated), of)


def base(runtime: str) -> str:
    return runtime.partition(":")[0]

"""What a frame costs where one in T is a keyframe, from the medians of a bench result."""

from collections.abc import Iterator, Mapping

from android_bench.measurement.frames import ScheduleRun
from android_bench.measurement.results import BenchResult
from android_bench.measurement.statistics import Interval
from mobileinst_deploy.bench.cells import show_ms, show_ratio
from mobileinst_deploy.bench.extra_tables import FRAMES, schedule_rows, schedule_title
from mobileinst_deploy.report.blocks import Block, Figure, Table
from mobileinst_deploy.report.charts.lines import Axes, Line, Value, line_figure
from mobileinst_deploy.report.conditions import one_line
from mobileinst_deploy.report.numbers import TIMES, ratio_interval

X = "keyframe interval T, frames"


def interval_blocks(result: BenchResult) -> Iterator[Block]:
    intervals = list(result.amortised | result.amortised_plain)
    if len(intervals) > 1:
        yield interval_figure(result, intervals)
        yield interval_table(result, intervals)
    yield from (frames_table(name, run) for name, run in result.schedules.items())


def interval_figure(result: BenchResult, intervals: list[str]) -> Figure:
    folded = values(intervals, result.amortised, result.amortised_ci95)
    plain = values(intervals, result.amortised_plain, result.amortised_plain_ci95)
    lines = [
        Line(name, own, series)
        for series, (name, own) in enumerate({"folded reuse": folded, "plain reuse": plain}.items())
        if any(own)
    ]
    axes = Axes("Mean cost of a frame over T", f"cost of a frame, {TIMES} keyframe", X, intervals)
    caption = (
        "Of the graphs' medians: (keyframe + fold + (T - 1) · reuse) / T, over the keyframe graph. "
        f"Whiskers: 95 % interval. {one_line(result.conditions, result.device)}."
    )
    return line_figure(axes, caption, lines)


def values(
    intervals: list[str], ratios: Mapping[str, float], ci95: Mapping[str, Interval]
) -> list[Value | None]:
    return [Value(ratios[name], ci95.get(name)) if name in ratios else None for name in intervals]


def interval_table(result: BenchResult, intervals: list[str]) -> Table:
    rows = [
        (
            name,
            show_ms(result.amortised_ms.get(name)),
            show_ratio(result.amortised.get(name)),
            ratio_interval(result.amortised_ci95.get(name)),
            show_ratio(result.amortised_plain.get(name)),
            ratio_interval(result.amortised_plain_ci95.get(name)),
        )
        for name in intervals
    ]
    columns = ("T", "ms", f"{TIMES} keyframe", "95 % interval", "plain reuse", "95 % interval")
    title = "Mean cost of a frame, one in T being a keyframe"
    return Table(title, columns, rows, folded=True)


def frames_table(name: str, run: ScheduleRun) -> Table:
    return Table(schedule_title(name, run), FRAMES, schedule_rows(run))

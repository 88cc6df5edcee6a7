"""Latency and quality over the keyframe interval, with the tracker in the loop."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from mobileinst_deploy.bench.cells import show_ms, show_ratio
from mobileinst_deploy.report.blocks import (
    Block,
    Doubts,
    Facts,
    Figure,
    Made,
    Part,
    Section,
    Table,
)
from mobileinst_deploy.report.charts.lines import Axes, Line, Value, line_figure
from mobileinst_deploy.report.conditions import (
    bundle_row,
    device_name,
    device_rows,
    one_line,
    unknown_conditions,
    way_rows,
)
from mobileinst_deploy.report.inputs import Inputs, Loaded
from mobileinst_deploy.report.numbers import TIMES, count, percent, ratio_interval
from mobileinst_deploy.report.sections.sifting import sifted

if TYPE_CHECKING:
    from mobileinst_deploy.curve.result import CurveResult, Point

BASE = f"{TIMES} T=1"
X = "keyframe interval T, frames"
EXPLANATION = (
    "A tracker for each T and runtime walked the same frames on one core. Costs are of a frame, "
    "amortised over T: graphs alone, and in all with preprocessing, tracker and masks. Agreement "
    "is with T = 1 of the same runtime: it says what reuse changes, not how good the network is."
)
QUALITIES: dict[str, Callable[["Point"], float | None]] = {
    "mask IoU with T = 1": lambda point: point.agreement.mask_iou,
    "AP": lambda point: point.scores.ap if point.scores else None,
}


def make(inputs: Inputs) -> Made:
    shown, left_out = sifted(inputs.of("curve"), "the curve", unknown)
    if not shown:
        return Made(None, left_out)
    finding = "; ".join(headline(one.content) for one in shown)
    parts = [part(one, inputs) for one in shown]
    title = "Over the keyframe interval"
    return Made(Section("curve", title, finding, EXPLANATION, parts), left_out)


def unknown(result: "CurveResult") -> str | None:
    return unknown_conditions(result.conditions)


def headline(result: "CurveResult") -> str:
    """The longest fixed interval, in the first runtime."""
    name, curve = next(iter(result.runtimes.items()))
    interval, point = list(curve.points.items())[-1]
    return (
        f"T = {interval} takes {show_ratio(point.total.ratio)} of T = 1's time in all in {name}, "
        f"with a mask IoU of {show_ratio(point.agreement.mask_iou)} to it"
    )


def part(loaded: Loaded, inputs: Inputs) -> Part:
    result: CurveResult = loaded.content
    title = f"{result.bundle} on {device_name(result.conditions, None)}"
    return Part(title, Facts([*conditions(result, inputs)]), [*blocks(result)])


def conditions(result: "CurveResult", inputs: Inputs) -> Iterator[tuple[str, str]]:
    yield from device_rows(result.conditions)
    for name, curve in result.runtimes.items():
        graphs, total = curve.graphs_noise, curve.total_noise
        yield (
            f"noise floor, {name}",
            f"{percent(graphs.upper)} in the graphs, {percent(total.upper)} in all",
        )
    own = result.tracking
    yield (
        "tracker",
        f"score {own.score:g}, birth {own.birth:g}, similarity {own.similarity:g}, "
        f"memory {own.memory}, mask {own.mask:g}, duplicate {own.duplicate:g}",
    )
    yield "walked", f"{count(result.frames, 'frame')} of {count(result.videos, 'video')}"
    yield from way_rows(result.conditions)
    yield bundle_row(result.bundle, result.manifest_sha256, inputs.bundles)


def blocks(result: "CurveResult") -> Iterator[Block]:
    if result.warnings:
        yield Doubts(result.warnings)
    yield cost_figure(result)
    yield quality_figure(result)
    yield cost_table(result)


def cost_figure(result: "CurveResult") -> Figure:
    lines = []
    for series, (name, curve) in enumerate(result.runtimes.items()):
        points = curve.points.values()
        total = [Value(point.total.ms, point.total.ms_ci95) for point in points]
        graphs = [Value(point.graphs.ms, point.graphs.ms_ci95) for point in points]
        lines.append(Line(f"{name}, in all", total, series))
        lines.append(Line(f"{name}, graphs", graphs, series, dashed=True))
    axes = Axes("Latency of a frame over T", "ms a frame, amortised", X, [*result.schedules])
    caption = f"Whiskers: 95 % interval. {one_line(result.conditions)}."
    return line_figure(axes, caption, lines)


def quality_figure(result: "CurveResult") -> Figure:
    lines: list[Line] = []
    for series, (runtime, curve) in enumerate(result.runtimes.items()):
        for number, (quality, get) in enumerate(QUALITIES.items()):
            found = [get(point) for point in curve.points.values()]
            values = [None if value is None else Value(value) for value in found]
            name = f"{runtime}, {quality}" if len(result.runtimes) > 1 else quality
            if any(values):
                lines.append(Line(name, values, series, dashed=number > 0))
    axes = Axes("Quality of the masks over T", "0 to 1", X, [*result.schedules], (0.0, 1.05))
    frames = f"{count(result.frames, 'frame')} of {result.conditions.inputs}"
    return line_figure(axes, f"{frames}; thresholds of the tracker as above.", lines)


def cost_table(result: "CurveResult") -> Table:
    rows = [
        (
            f"{runtime}, T = {name}",
            show_ms(point.graphs.ms),
            show_ratio(point.graphs.ratio),
            ratio_interval(point.graphs.ratio_ci95),
            show_ms(point.total.ms),
            show_ratio(point.total.ratio),
            ratio_interval(point.total.ratio_ci95),
            *map(show_ms, (point.preprocess_ms, point.tracker_ms, point.masks_ms)),
            show_ratio(point.agreement.mask_iou),
            str(point.agreement.switches),
        )
        for runtime, curve in result.runtimes.items()
        for name, point in curve.points.items()
    ]
    columns = ["", "graphs ms", BASE, "95 % interval", "in all ms", BASE, "95 % interval"]
    columns += ["preprocess", "tracker", "masks", "mask IoU", "switches"]
    return Table("Mean cost of a frame, and agreement with T = 1", columns, rows, folded=True)

"""A curve as a picture: what a frame costs over T, beside how good its masks stay."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from android_bench.files import becoming
from mobileinst_deploy.curve.amortising import Cost
from mobileinst_deploy.curve.result import CurveResult, Point, RuntimeCurve

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")  # Okabe & Ito
GREY, LIGHT = "#666666", "#dddddd"
SIZE_INCHES, DPI = (11, 4.8), 150
APART = 0.05  # of the distance of two intervals: so that lines of equal values are both seen


@dataclass(frozen=True)
class Look:
    label: str
    colour: str
    line: str
    marker: str
    hollow: bool
    shift: float  # of the places, to the right


@dataclass(frozen=True)
class Value:
    middle: float
    below: float = 0.0  # from the middle to the interval's ends
    above: float = 0.0


def save_plot(result: CurveResult, path: Path) -> None:
    """PNG or SVG by the path's ending, whole or not at all. Raises OSError."""
    figure = draw(result)
    with becoming(path) as partial:
        figure.savefig(partial, format=path.suffix.lower()[1:], dpi=DPI)


def draw(result: CurveResult) -> Figure:
    figure = Figure(figsize=SIZE_INCHES, layout="constrained")
    costs, quality = figure.subplots(1, 2)
    fixed = [not schedule.adaptive for schedule in result.schedules.values()]
    colours = zip(cycle(COLOURS), result.runtimes.items(), strict=False)
    for number, (colour, (name, curve)) in enumerate(colours):
        shift = (number - (len(result.runtimes) - 1) / 2) * 2 * APART
        draw_costs(costs, name, curve, fixed, colour, shift)
        draw_quality(quality, name, curve, fixed, colour, shift)
    finish(costs, result, "Latency of a frame, amortised (ms)")
    finish(quality, result, "Quality of the masks (0 to 1)")
    costs.set_ylim(bottom=0)
    quality.set_ylim(-0.03, 1.03)
    figure.suptitle(f"{result.bundle} over the keyframe interval T")
    figure.supxlabel(caption(result), fontsize=8, color=GREY)
    return figure


def draw_costs(
    axes: Axes,
    runtime: str,
    curve: RuntimeCurve,
    fixed: Sequence[bool],
    colour: str,
    shift: float,
) -> None:
    parts: tuple[tuple[Look, Callable[[Point], Cost]], ...] = (
        (Look(f"{runtime}, in all", colour, "-", "o", False, shift), lambda point: point.total),
        (Look(f"{runtime}, graphs alone", colour, "--", "o", True, shift), lambda p: p.graphs),
    )
    for look, part in parts:
        draw_series(axes, look, [as_value(part(p)) for p in curve.points.values()], fixed)


def as_value(cost: Cost) -> Value:
    low, high = cost.ms_ci95
    return Value(cost.ms, max(0.0, cost.ms - low), max(0.0, high - cost.ms))


def draw_quality(
    axes: Axes,
    runtime: str,
    curve: RuntimeCurve,
    fixed: Sequence[bool],
    colour: str,
    shift: float,
) -> None:
    points = curve.points.values()
    agreed = [point.agreement.mask_iou for point in points]
    scores = [point.scores.ap if point.scores else None for point in points]
    looks = (
        (Look(f"{runtime}, mask IoU with T = 1", colour, "-", "o", False, shift), agreed),
        (Look(f"{runtime}, AP", colour, ":", "s", True, shift), scores),
    )
    for look, values in looks:
        known = [None if value is None else Value(value) for value in values]
        draw_series(axes, look, known, fixed)


def draw_series(
    axes: Axes, look: Look, values: Sequence[Value | None], fixed: Sequence[bool]
) -> None:
    """A line through the fixed intervals; an adaptive schedule stands beside it."""
    rows = [(place, value) for place, value in enumerate(values) if value is not None]
    parts = ((True, look.line, look.label), (False, "none", None))
    for of_line, line, label in parts:
        own = [(place, value) for place, value in rows if fixed[place] == of_line]
        if not own:
            continue
        axes.errorbar(
            [place + look.shift for place, _ in own],
            [value.middle for _, value in own],
            yerr=([value.below for _, value in own], [value.above for _, value in own]),
            label=label,
            color=look.colour,
            linestyle=line,
            marker=look.marker,
            markerfacecolor="white" if look.hollow else look.colour,
            markersize=5,
            elinewidth=1,
        )


def finish(axes: Axes, result: CurveResult, title: str) -> None:
    axes.set_title(title, loc="left", fontsize=11)
    axes.set_xticks(range(len(result.schedules)), [*result.schedules])
    axes.set_xlabel("T, frames from keyframe to keyframe")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color=LIGHT, linewidth=0.8)
    axes.set_axisbelow(True)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False, fontsize=9, loc="best")


def caption(result: CurveResult) -> str:
    conditions = result.conditions
    noise = max(curve.graphs_noise.upper for curve in result.runtimes.values())
    return (
        f"{conditions.cpu_model or 'unknown CPU'}, core {conditions.core}, 1 thread, "
        f"{conditions.precision}; {result.frames} frames; bars: 95 % intervals; "
        f"noise floor of the graphs {noise:.1%}"
    )

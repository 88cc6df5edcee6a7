"""A curve as a picture: what a frame costs over T, beside what it is worth."""

from collections.abc import Callable, Sequence
from itertools import cycle
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from android_bench.files import becoming
from mobileinst_deploy.curve.amortising import Cost
from mobileinst_deploy.curve.result import CurveResult, Point, RuntimeCurve

ENDINGS = (".png", ".svg")
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")  # Okabe & Ito
GREY = "#666666"
SIZE_INCHES, DPI = (11, 4.8), 150


def save_plot(result: CurveResult, path: Path) -> None:
    """PNG or SVG by the path's ending, whole or not at all. Raises OSError."""
    figure = draw(result)
    with becoming(path) as partial:
        figure.savefig(partial, format=path.suffix.lower()[1:], dpi=DPI)


def draw(result: CurveResult) -> Figure:
    figure = Figure(figsize=SIZE_INCHES, layout="constrained")
    costs, worth = figure.subplots(1, 2)
    for colour, (name, curve) in zip(cycle(COLOURS), result.runtimes.items(), strict=False):
        draw_costs(costs, name, curve, colour)
        draw_quality(worth, name, curve, colour)
    for axes in (costs, worth):
        finish(axes, list(result.schedules))
    costs.set_ylabel("ms a frame, amortised")
    costs.set_ylim(bottom=0)
    worth.set_ylim(-0.02, 1.02)
    figure.suptitle(f"{result.bundle}: latency and quality over the keyframe interval T")
    figure.supxlabel(caption(result), fontsize=8, color=GREY)
    return figure


def draw_costs(axes: Axes, runtime: str, curve: RuntimeCurve, colour: str) -> None:
    rows: tuple[tuple[str, Callable[[Point], Cost], str], ...] = (
        (f"{runtime}: in all", lambda point: point.total, "-"),
        (f"{runtime}: graphs alone", lambda point: point.graphs, "--"),
    )
    for label, part, style in rows:
        costs = [part(point) for point in curve.points.values()]
        middle = [cost.ms for cost in costs]
        below = [max(0.0, cost.ms - cost.ms_ci95[0]) for cost in costs]
        above = [max(0.0, cost.ms_ci95[1] - cost.ms) for cost in costs]
        axes.errorbar(
            range(len(middle)),
            middle,
            yerr=(below, above),
            label=label,
            color=colour,
            linestyle=style,
            marker="o",
            markerfacecolor=colour if style == "-" else "white",
            markersize=5,
            capsize=3,
        )


def draw_quality(axes: Axes, runtime: str, curve: RuntimeCurve, colour: str) -> None:
    points = [*curve.points.values()]
    agreed = [point.agreement.mask_iou for point in points]
    draw_line(axes, agreed, f"{runtime}: mask IoU with T = 1", colour, "-", "o")
    scores = [point.scores.ap if point.scores else None for point in points]
    draw_line(axes, scores, f"{runtime}: AP", colour, ":", "s")


def draw_line(
    axes: Axes, values: Sequence[float | None], label: str, colour: str, style: str, marker: str
) -> None:
    """Those that are known; nothing where none is."""
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    if known:
        places, shown = zip(*known, strict=True)
        axes.plot(
            places, shown, label=label, color=colour, linestyle=style, marker=marker, markersize=5
        )


def finish(axes: Axes, names: Sequence[str]) -> None:
    axes.set_xticks(range(len(names)), names)
    axes.set_xlabel("T, frames from keyframe to keyframe")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#dddddd", linewidth=0.8)
    axes.set_axisbelow(True)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False, fontsize=9)


def caption(result: CurveResult) -> str:
    conditions = result.conditions
    noise = max(curve.graphs_noise.upper for curve in result.runtimes.values())
    return (
        f"{conditions.cpu_model or 'unknown CPU'}, core {conditions.core}, 1 thread, "
        f"{conditions.precision}; {result.frames} frames; 95 % intervals; "
        f"noise floor of the graphs {noise:.1%}"
    )

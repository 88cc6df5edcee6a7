"""Values over the keyframe interval T, with intervals; each line is named at its end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from mobileinst_deploy.report.blocks import Figure
from mobileinst_deploy.report.charts.lanes import NARROW, WIDE
from mobileinst_deploy.report.charts.marks import mark
from mobileinst_deploy.report.charts.scales import Scale, spread, tick_text, ticks
from mobileinst_deploy.report.charts.svg import (
    element,
    line,
    picture,
    shorten,
    show,
    text,
    text_width,
)

HEIGHT, BOTTOM, LEFT = 250.0, 46.0, 46.0  # px
NAME_HEIGHT = 17.0
NAME_MOST = 240.0  # px


@dataclass(frozen=True)
class Value:
    middle: float
    interval: tuple[float, float] | None = None


@dataclass(frozen=True)
class Line:
    """A value or None for each place; `series` chooses the look, and `dashed` sets it apart."""

    name: str
    values: Sequence[Value | None]
    series: int
    dashed: bool = False


@dataclass(frozen=True)
class Axes:
    title: str
    y: str  # what the values are, with their unit
    x: str
    places: Sequence[str]  # the names along x, evenly apart
    limits: tuple[float, float] | None = None  # None: from 0 to the largest value


def line_figure(axes: Axes, caption: str, lines: Sequence[Line]) -> Figure:
    wide, narrow = (draw(axes, lines, width) for width in (WIDE, NARROW))
    return Figure(axes.title, caption, wide, narrow)


@dataclass(frozen=True)
class Plot:
    """Where everything lies, in px."""

    width: float
    height: float
    x: Scale  # over the places' numbers
    y: Scale
    legend: bool  # the names stand above, not at the lines' ends


def lay_out(axes: Axes, lines: Sequence[Line], width: float) -> Plot:
    legend = width == NARROW
    top = 26.0 + (NAME_HEIGHT * len(lines) + 8 if legend else 0)
    right = 16.0 if legend else min(max(text_width(one.name) for one in lines), NAME_MOST) + 24
    low, high = axes.limits or (0.0, 1.08 * max(highest(one) for one in lines) or 1.0)
    height = HEIGHT + top
    return Plot(
        width,
        height,
        Scale(-0.25, len(axes.places) - 0.75, LEFT, width - right),
        Scale(low, high, height - BOTTOM, top),
        legend,
    )


def highest(one: Line) -> float:
    return max((max((v.middle, *(v.interval or ()))) for v in one.values if v), default=0.0)


def draw(axes: Axes, lines: Sequence[Line], width: float) -> Markup:
    plot = lay_out(axes, lines, width)
    marks = [
        *draw_axes(axes, plot),
        *(mark for index, one in enumerate(lines) for mark in draw_line(one, plot, index, lines)),
        *(legend_names(lines) if plot.legend else end_names(lines, plot)),
    ]
    return picture(axes.title, describe(axes, lines), width, plot.height, marks)


def draw_axes(axes: Axes, plot: Plot) -> Iterator[Markup]:
    for value in ticks(plot.y.low, plot.y.high, 5):
        y = plot.y(value)
        yield line(plot.x.start, y, plot.x.end, y, "grid")
        yield text(plot.x.start - 8, y + 4, tick_text(value), "tick", "end")
    yield text(0, plot.y.end - 12, axes.y, "axis")
    for index, name in enumerate(axes.places):
        yield text(plot.x(index), plot.y.start + 18, name, "tick", "middle")
    yield text((plot.x.start + plot.x.end) / 2, plot.y.start + 38, axes.x, "axis", "middle")


def draw_line(one: Line, plot: Plot, index: int, lines: Sequence[Line]) -> Iterator[Markup]:
    """A little beside the other lines, so that equal values are all seen."""
    shift = (index - (len(lines) - 1) / 2) * 4
    look = f"s{one.series}{' dashed' if one.dashed else ''}"
    known = [(plot.x(at) + shift, value) for at, value in enumerate(one.values) if value]
    path = "L".join(f"{show(x)} {show(plot.y(value.middle))}" for x, value in known)
    yield element("path", d=f"M{path}", class_=f"line {look}")
    for x, value in known:
        if value.interval:
            low, high = map(plot.y, value.interval)
            yield line(x, low, x, high, f"whisker {look}")
        yield mark(x, plot.y(value.middle), one.series, f"mark {look}")


def end_names(lines: Sequence[Line], plot: Plot) -> Iterator[Markup]:
    """At the height of the last value, moved apart where they would meet."""
    last = [next((v.middle for v in reversed(one.values) if v), plot.y.low) for one in lines]
    heights = spread([plot.y(value) for value in last], NAME_HEIGHT)
    for one, y in zip(lines, heights, strict=True):
        yield text(plot.x.end + 12, y + 4, shorten(one.name, NAME_MOST), f"name s{one.series}")


def legend_names(lines: Sequence[Line]) -> Iterator[Markup]:
    for index, one in enumerate(lines):
        y = 10 + index * NAME_HEIGHT
        look = f"s{one.series}{' dashed' if one.dashed else ''}"
        yield line(2, y, 26, y, f"line {look}")
        yield mark(14, y, one.series, f"mark {look}")
        yield text(34, y + 4, shorten(one.name, NARROW - 34), "name")


def describe(axes: Axes, lines: Sequence[Line]) -> str:
    told = (
        f"{one.name}: "
        + ", ".join(
            f"{place}: {value.middle:.4g}"
            for place, value in zip(axes.places, one.values, strict=True)
            if value
        )
        for one in lines
    )
    return f"{axes.y} over {axes.x}. {'; '.join(told)}."

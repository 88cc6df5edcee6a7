"""Bars from 0, each with its value beside it and its interval on it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from mobileinst_deploy.report.blocks import Figure
from mobileinst_deploy.report.charts.lanes import (
    NARROW,
    WIDE,
    Lanes,
    draw_axis,
    draw_names,
    lay_out,
)
from mobileinst_deploy.report.charts.scales import Scale, ticks
from mobileinst_deploy.report.charts.svg import box, line, picture, text, text_width

LANE, THICKNESS = 26.0, 14.0  # px


@dataclass(frozen=True)
class Bar:
    name: str
    value: float
    text: str  # the value as it is written beside the bar
    interval: tuple[float, float] | None = None
    series: int = 0  # the colour


def bar_figure(title: str, caption: str, axis: str, bars: Sequence[Bar]) -> Figure:
    """`bars`: one or more, values of 0 and above."""
    wide, narrow = (draw_bars(title, axis, bars, width) for width in (WIDE, NARROW))
    return Figure(title, caption, wide, narrow)


def draw_bars(title: str, axis: str, bars: Sequence[Bar], width: float) -> Markup:
    room = max(text_width(bar.text) for bar in bars) + 14
    lanes = lay_out([bar.name for bar in bars], width, LANE, room)
    high = max(max((bar.value, *(bar.interval or ()))) for bar in bars) or 1.0
    scale = Scale(0, high, lanes.left, lanes.right)
    marks = [
        *draw_axis(lanes, scale, ticks(0, high, 8 if width == WIDE else 4), axis),
        *draw_names(lanes),
        *(mark for index, bar in enumerate(bars) for mark in draw_bar(lanes, scale, index, bar)),
    ]
    described = "; ".join(f"{bar.name}: {bar.text}" for bar in bars)
    return picture(title, f"{axis}. {described}.", width, lanes.height, marks)


def draw_bar(lanes: Lanes, scale: Scale, index: int, bar: Bar) -> Iterator[Markup]:
    y, end = lanes.centre(index), scale(bar.value)
    yield box(
        lanes.left,
        y - THICKNESS / 2,
        max(end - lanes.left, 1),
        THICKNESS,
        f"bar s{bar.series}",
        radius=2,
    )
    if bar.interval:
        low, high = map(scale, bar.interval)
        yield line(low, y, high, y, "whisker")
        end = max(end, high)
    yield text(end + 7, y + 4, bar.text, "value")

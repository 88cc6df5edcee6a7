"""Two values a row, what was printed and what was measured, on one scale from 0."""

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
from mobileinst_deploy.report.charts.marks import mark
from mobileinst_deploy.report.charts.scales import Scale, ticks
from mobileinst_deploy.report.charts.svg import line, picture, text, text_width

LANE, TOP = 28.0, 26.0  # px
PRINTED, MEASURED = (1, "mark hollow s1"), (0, "mark s0")  # shape and look


@dataclass(frozen=True)
class Pair:
    name: str
    printed: float
    measured: float | None  # None: it was not
    interval: tuple[float, float] | None  # of what was measured
    text: str  # behind the row


def pair_figure(
    title: str, caption: str, axis: str, names: tuple[str, str], pairs: Sequence[Pair]
) -> Figure:
    """`names`: what the printed values are, and the measured ones."""
    wide, narrow = (draw_pairs(title, axis, names, pairs, width) for width in (WIDE, NARROW))
    return Figure(title, caption, wide, narrow)


def draw_pairs(
    title: str, axis: str, names: tuple[str, str], pairs: Sequence[Pair], width: float
) -> Markup:
    room = max(text_width(pair.text) for pair in pairs) + 16
    lanes = lay_out([pair.name for pair in pairs], width, LANE, room, TOP)
    values = (v for pair in pairs for v in (pair.printed, pair.measured, *(pair.interval or ())))
    high = max(value for value in values if value is not None) * 1.04
    scale = Scale(0, high, lanes.left, lanes.right)
    marks = [
        *draw_legend(lanes, names),
        *draw_axis(lanes, scale, ticks(0, high, 8 if width == WIDE else 5), axis),
        *draw_names(lanes),
        *(one for index, pair in enumerate(pairs) for one in draw_pair(lanes, scale, index, pair)),
    ]
    told = "; ".join(f"{pair.name}: {names[0]} {pair.printed:.3g}, {pair.text}" for pair in pairs)
    return picture(title, f"{axis}. {told}.", width, lanes.height, marks)


def draw_legend(lanes: Lanes, names: tuple[str, str]) -> Iterator[Markup]:
    x = lanes.left + 6
    for name, (shape, look) in zip(names, (PRINTED, MEASURED), strict=True):
        yield mark(x, 11, shape, look)
        yield text(x + 10, 15, name, "tick")
        x += text_width(name) + 34


def draw_pair(lanes: Lanes, scale: Scale, index: int, pair: Pair) -> Iterator[Markup]:
    y, printed = lanes.centre(index), scale(pair.printed)
    if pair.measured is not None:
        yield line(printed, y, scale(pair.measured), y, "link")
    yield mark(printed, y, PRINTED[0], PRINTED[1], 4.5)
    if pair.measured is not None:
        if pair.interval:
            low, high = map(scale, pair.interval)
            yield line(low, y, high, y, "whisker s0")
        yield mark(scale(pair.measured), y, MEASURED[0], MEASURED[1], 4.5)
    yield text(lanes.right + 10, y + 4, pair.text, "value")

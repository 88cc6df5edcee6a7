"""Points on a logarithmic x, each named: beside it, or on a phone by a number."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from mobileinst_deploy.report.blocks import Figure
from mobileinst_deploy.report.charts.lanes import NARROW, WIDE
from mobileinst_deploy.report.charts.marks import mark
from mobileinst_deploy.report.charts.scales import Scale, around, log_ticks, tick_text, ticks
from mobileinst_deploy.report.charts.svg import line, picture, text, text_width

HEIGHT, TOP, BOTTOM, LEFT, RIGHT = 400.0, 30.0, 46.0, 40.0, 14.0  # px
NAME_HEIGHT = 13.0


@dataclass(frozen=True)
class Point:
    number: int  # that the table beside the chart has too
    name: str
    x: float
    y: float
    series: int  # shape and colour
    hollow: bool = False


@dataclass(frozen=True)
class Axes:
    title: str
    x: str
    y: str


@dataclass(frozen=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def scatter_figure(axes: Axes, caption: str, points: Sequence[Point]) -> Figure:
    wide, narrow = (draw(axes, points, width) for width in (WIDE, NARROW))
    return Figure(axes.title, caption, wide, narrow)


def draw(axes: Axes, points: Sequence[Point], width: float) -> Markup:
    xs, ys = [point.x for point in points], [point.y for point in points]
    x = Scale(min(xs) / 1.25, max(xs) * 1.35, LEFT, width - RIGHT, logarithmic=True)
    y = Scale(*around(ys, 0.1), HEIGHT - BOTTOM, TOP)
    marks = [
        *draw_axes(axes, x, y),
        *(draw_point(point, x, y) for point in points),
        *draw_names(points, x, y, numbers_only=width == NARROW),
    ]
    told = "; ".join(f"{p.number} {p.name}: {p.x:.4g}, {p.y:.3g}" for p in points)
    return picture(axes.title, f"{axes.y} over {axes.x}. {told}.", width, HEIGHT, marks)


def draw_axes(axes: Axes, x: Scale, y: Scale) -> Iterator[Markup]:
    for value in ticks(y.low, y.high):
        yield line(x.start, y(value), x.end, y(value), "grid")
        yield text(x.start - 8, y(value) + 4, tick_text(value), "tick", "end")
    for value in log_ticks(x.low, x.high):
        yield line(x(value), y.end, x(value), y.start, "grid")
        yield text(x(value), y.start + 18, tick_text(value), "tick", "middle")
    yield text(0, y.end - 14, axes.y, "axis")
    yield text((x.start + x.end) / 2, y.start + 38, axes.x, "axis", "middle")


def draw_point(point: Point, x: Scale, y: Scale) -> Markup:
    look = f"mark s{point.series}{' hollow' if point.hollow else ''}"
    return mark(x(point.x), y(point.y), point.series, look, 5)


def draw_names(points: Sequence[Point], x: Scale, y: Scale, numbers_only: bool) -> Iterator[Markup]:
    """Each beside its point, where it meets nothing else; its number where a name has no room."""
    marks = [Box(x(p.x) - 6, y(p.y) - 6, x(p.x) + 6, y(p.y) + 6) for p in points]
    taken = list(marks)
    for point, own in zip(points, marks, strict=True):
        others = [box for box in taken if box is not own]
        name = point.name
        place = None if numbers_only else find_place(own, name, others, x)
        if place is None:
            name = str(point.number)
            place = find_place(own, name, others, x) or places(own, text_width(name))[0]
        taken.append(place)
        yield text(place.left, place.bottom - 3, name, f"name s{point.series}")


def find_place(own: Box, name: str, others: Sequence[Box], x: Scale) -> Box | None:
    """The first one that is free and inside."""
    for box in places(own, text_width(name)):
        inside = box.left >= x.start and box.right <= x.end
        if inside and not any(box.meets(other) for other in others):
            return box
    return None


def places(own: Box, width: float) -> list[Box]:
    """Right, left, above, below, then the corners."""
    middle_x, middle_y = (own.left + own.right) / 2, (own.top + own.bottom) / 2
    right, left, centred = own.right + 3, own.left - 3 - width, middle_x - width / 2
    beside, above, below = middle_y - NAME_HEIGHT / 2, own.top - NAME_HEIGHT, own.bottom
    corners = [(right, beside), (left, beside), (centred, above), (centred, below)]
    corners += [(right, above), (right, below), (left, above), (left, below)]
    return [Box(a, b, a + width, b + NAME_HEIGHT) for a, b in corners]

"""A chart of rows: a name for each row, beside it or above it, and one axis below."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from mobileinst_deploy.report.charts.scales import Scale, tick_text
from mobileinst_deploy.report.charts.svg import line, shorten, text, text_width

WIDE, NARROW = 860.0, 340.0  # px; a phone of 390 px leaves 340 between the margins
GUTTER_MOST = 270.0
TOP, AXIS = 8.0, 44.0
NAME_HEIGHT = 19.0  # of a name above its row


@dataclass(frozen=True)
class Lanes:
    """Where the rows lie, in px."""

    width: float
    left: float  # where values begin
    right: float
    names: Sequence[str]
    lane: float  # height of a row, its name included where that is above it
    top: float

    @property
    def names_above(self) -> bool:
        return self.width == NARROW

    @property
    def bottom(self) -> float:
        return self.top + self.lane * len(self.names)

    @property
    def height(self) -> float:
        return self.bottom + AXIS

    def centre(self, index: int) -> float:
        """Of what a row shows."""
        above = NAME_HEIGHT if self.names_above else 0.0
        return self.top + index * self.lane + above + (self.lane - above) / 2


def lay_out(
    names: Sequence[str], width: float, lane: float, right_room: float, top: float = TOP
) -> Lanes:
    """`lane`: of a row without its name; `right_room`: px for what stands behind the values."""
    if width == NARROW:
        return Lanes(width, 6, width - right_room, names, lane + NAME_HEIGHT, top)
    gutter = min(max(map(text_width, names), default=0) + 14, GUTTER_MOST)
    return Lanes(width, gutter, width - right_room, names, lane, top)


def draw_names(lanes: Lanes) -> Iterator[Markup]:
    for index, name in enumerate(lanes.names):
        if lanes.names_above:
            own = shorten(name, lanes.width - lanes.left)
            yield text(lanes.left, lanes.top + index * lanes.lane + 14, own, "name")
        else:
            own = shorten(name, lanes.left - 12)
            yield text(lanes.left - 12, lanes.centre(index) + 4, own, "name", "end")


def draw_axis(
    lanes: Lanes,
    scale: Scale,
    values: Sequence[float],
    title: str,
    show: Callable[[float], str] = tick_text,
) -> Iterator[Markup]:
    """Thin lines up through the rows, the values under them, and what they are."""
    for value in values:
        x = scale(value)
        yield line(x, lanes.top, x, lanes.bottom, "grid")
        yield text(x, lanes.bottom + 16, show(value), "tick", "middle")
    yield text((lanes.left + lanes.right) / 2, lanes.bottom + 36, title, "axis", "middle")

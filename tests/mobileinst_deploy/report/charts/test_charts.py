"""Pictures from numbers: places, limits, and text that stays text."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from mobileinst_deploy.report.charts import bars, lines, scatter, swarm
from mobileinst_deploy.report.charts.lanes import NARROW, WIDE
from mobileinst_deploy.report.charts.scales import Scale, log_ticks, spread, ticks
from mobileinst_deploy.report.charts.svg import text_width

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<b>&\"'"


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 10, [0, 2, 4, 6, 8, 10]),
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (-4.3, 31, [0, 10, 20, 30]),
        (99.9, 100.1, [99.9, 99.95, 100, 100.05, 100.1]),
        (0, 7e-5, [0, 2e-5, 4e-5, 6e-5]),
    ],
)
def test_ticks_are_round_and_inside(low: float, high: float, expected: list[float]):
    assert ticks(low, high) == pytest.approx(expected)


def test_ticks_of_a_logarithm():
    assert log_ticks(20, 1100) == pytest.approx([20, 50, 100, 200, 500, 1000])


def test_equal_ratios_are_equally_far_on_a_logarithm():
    scale = Scale(10, 1000, 0, 200, logarithmic=True)
    assert [scale(10), scale(100), scale(1000)] == pytest.approx([0, 100, 200])


@pytest.mark.parametrize("places", [[], [5.0], [0, 100], [3, 3, 3], [10, 9, 8.5, 40]])
def test_names_move_apart_and_keep_their_order(places: list[float]):
    moved = spread(places, 17)
    order = sorted(range(len(places)), key=lambda index: places[index])
    ends = [moved[index] for index in order]
    assert all(after - before >= 17 - 1e-9 for before, after in pairwise(ends))
    assert sum(moved) == pytest.approx(sum(places))


def test_a_swarm_keeps_every_sample_in_its_row():
    samples = [1.0] * 200 + [50.0, 50.5, 90.0]
    places = swarm.swarm(samples, y=100)
    assert sorted(x for x, _ in places) == sorted(samples)
    assert all(abs(y - 100) <= swarm.LANE / 2 for _, y in places)
    assert len(set(places)) == len(places)


def test_outliers_are_counted_not_drawn():
    one = swarm.spread_of("graph", [1.0] * 99 + [30.0], 1.0, (0.99, 1.01), 0)
    picture = ElementTree.fromstring(swarm.draw_swarm("title", [one], 0.02, 860))
    texts = [element.text for element in picture.iter(f"{SVG}text")]
    assert "+1 ▸" in texts
    drawn = next(e for e in picture.iter(f"{SVG}path") if e.get("class") == "dots s0")
    assert drawn.get("d", "").count("M") == 99


def test_a_bar_is_as_long_as_its_value():
    drawn = bars.draw_bars("t", "ms", [bars.Bar("a", 2, "2"), bars.Bar("b", 8, "8")], 860)
    widths = [
        float(element.get("width", "nan"))
        for element in ElementTree.fromstring(drawn).iter(f"{SVG}rect")
    ]
    assert widths[1] == pytest.approx(4 * widths[0], rel=1e-2)


def test_long_names_keep_their_ends_and_stay_inside():
    name = "a.long.way.to.a.layer." * 9 + "softmax"
    for width in (NARROW, WIDE):
        drawn = bars.draw_bars("t", "ms", [bars.Bar(name, 2, "2")], width)
        (shown,) = re.findall(r">(…[^<]+)</text>", drawn)
        assert shown.endswith("layer.softmax")
        assert text_width(shown) <= width


def point(number: int, x: float, y: float) -> scatter.Point:
    return scatter.Point(number, f"network number {number}", x, y, 0)


def test_names_of_points_meet_nothing_and_else_are_numbers():
    """Four points in one place: not all of their names find room."""
    crowd = [point(number, 100 + number, 30) for number in range(4)]
    drawn = scatter.draw(scatter.Axes("t", "x", "y"), [*crowd, point(9, 900, 20)], 860)
    names = re.findall(r'class="t name s0"[^>]*>([^<]+)<', drawn)
    assert "network number 9" in names
    assert {name.rpartition(" ")[2] for name in names} == {"0", "1", "2", "3", "9"}
    assert any(name.isdecimal() for name in names)


def figures():
    yield bars.bar_figure(HOSTILE, HOSTILE, HOSTILE, [bars.Bar(HOSTILE, 0, HOSTILE, (0, 0))])
    one = swarm.Spread(HOSTILE, [0.0, 0.0], (0.0, 0.0))
    yield swarm.swarm_figure(HOSTILE, HOSTILE, [one], 0.0)
    line = lines.Line(HOSTILE, [lines.Value(0.0), None], 0)
    yield lines.line_figure(lines.Axes(HOSTILE, HOSTILE, HOSTILE, [HOSTILE, "2"]), "", [line])
    only = scatter.Point(1, HOSTILE, 5.0, 0.0, 0)
    yield scatter.scatter_figure(scatter.Axes(HOSTILE, HOSTILE, HOSTILE), "", [only])


@pytest.mark.parametrize("figure", [*figures()], ids=["bars", "swarm", "lines", "scatter"])
def test_a_picture_is_sound_and_says_what_it_shows(figure):
    """Of one value, of 0, and of names that look like markup."""
    for drawn in (figure.wide, figure.narrow):
        picture = ElementTree.fromstring(drawn)
        assert picture.get("role") == "img"
        title, described = (picture.find(f"{SVG}{name}") for name in ("title", "desc"))
        assert title is not None
        assert title.text == HOSTILE
        assert described is not None
        assert HOSTILE in (described.text or "")
        assert "nan" not in drawn
        assert "inf" not in drawn.replace("info", "")

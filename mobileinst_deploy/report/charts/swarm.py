"""Every sample of every graph as a dot, by its distance from that graph's own median."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
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
from mobileinst_deploy.report.charts.svg import box, dots, line, picture, text

LANE, DOT = 40.0, 4.0  # px
TOP, RIGHT = 24.0, 48.0  # px: the band's name, and the number of dots beyond the axis
LEAST = 0.001  # shown on both sides of the medians at least, as a share of them
SHOWN_PERCENTILE = 97.5  # of the graph that is spread the most: outliers are counted instead


@dataclass(frozen=True)
class Spread:
    """Shares of the median: 0.02 lies 2 % above it."""

    name: str
    distances: Sequence[float]
    interval: tuple[float, float]  # of the median
    series: int = 0


def spread_of(
    name: str, samples_ms: Sequence[float], median_ms: float, ci95: tuple[float, float], series: int
) -> Spread:
    low, high = (end / median_ms - 1 for end in ci95)
    return Spread(name, [sample / median_ms - 1 for sample in samples_ms], (low, high), series)


def swarm_figure(title: str, caption: str, spreads: Sequence[Spread], floor: float) -> Figure:
    """`floor`: the noise floor, as a share; drawn as a band on both sides of the medians."""
    wide, narrow = (draw_swarm(title, spreads, floor, width) for width in (WIDE, NARROW))
    return Figure(title, caption, wide, narrow)


def draw_swarm(title: str, spreads: Sequence[Spread], floor: float, width: float) -> Markup:
    lanes = lay_out([spread.name for spread in spreads], width, LANE, RIGHT, TOP)
    low, high = limits(spreads, floor)
    scale = Scale(low, high, lanes.left, lanes.right)
    axis = "distance from the graph's own median, %"
    values = ticks(low * 100, high * 100, 9 if width == WIDE else 5)
    shares = [value / 100 for value in values]
    marks = [
        *draw_band(lanes, scale, floor),
        *draw_axis(lanes, scale, shares, axis, lambda share: f"{100 * share:+g}" if share else "0"),
        *draw_names(lanes),
        *(mark for index, one in enumerate(spreads) for mark in draw(lanes, scale, index, one)),
    ]
    described = f"{axis}; the noise floor is {floor:.1%}. " + "; ".join(
        f"{one.name}: {len(one.distances)} samples from {min(one.distances):+.1%} "
        f"to {max(one.distances):+.1%}"
        for one in spreads
    )
    return picture(title, f"{described}.", width, lanes.height, marks)


def limits(spreads: Sequence[Spread], floor: float) -> tuple[float, float]:
    """From the lowest sample to where nearly all are shown; both sides of 0 and of the band."""
    low = min(min(one.distances) for one in spreads)
    high = max(float(np.percentile(one.distances, SHOWN_PERCENTILE)) for one in spreads)
    return min(low, -floor, -LEAST) * 1.05, max(high, floor, LEAST) * 1.05


def draw_band(lanes: Lanes, scale: Scale, floor: float) -> Iterator[Markup]:
    start, end = scale(-floor), scale(floor)
    yield box(start, lanes.top, end - start, lanes.bottom - lanes.top, "band")
    label = f"noise floor ±{floor:.1%}"
    yield text(max((start + end) / 2, lanes.left + 62), lanes.top - 8, label, "tick", "middle")


def draw(lanes: Lanes, scale: Scale, index: int, one: Spread) -> Iterator[Markup]:
    y = lanes.centre(index)
    shown = [distance for distance in one.distances if scale.holds(distance)]
    low, high = map(scale, one.interval)
    yield box(low, y - 13, max(high - low, 1.5), 26, "interval", radius=1)
    yield dots(swarm([scale(distance) for distance in shown], y), f"dots s{one.series}")
    yield line(scale(0), y - 15, scale(0), y + 15, "median")
    if beyond := len(one.distances) - len(shown):
        yield text(lanes.right + 6, y + 4, f"+{beyond} ▸", "tick")


def swarm(xs: Sequence[float], y: float) -> list[tuple[float, float]]:
    """Dots of nearly the same x are stacked on both sides of the row's middle, within the row."""
    stacks: dict[int, list[float]] = defaultdict(list)
    for x in sorted(xs):
        stacks[math.floor(x / DOT)].append(x)
    places = []
    for stack in stacks.values():
        step = min(DOT, (LANE - 8) / len(stack))
        places += [(x, y + step * offset(index)) for index, x in enumerate(stack)]
    return places


def offset(index: int) -> float:
    """0, 1, -1, 2, -2, …"""
    return (index + 1) // 2 * (1 if index % 2 else -1)

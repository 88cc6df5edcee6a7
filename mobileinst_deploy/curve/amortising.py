"""The mean cost of a frame where one in T is a keyframe: pure functions on series of frames.

cost = share × median of the keyframes + (1 − share) × median of the other frames, the share of
keyframes being 1/T. It is compared with the median of T = 1 over the same frames, which both walked
in one run, frame by frame.

Intervals: a bootstrap that draws keyframes and other frames each among themselves, in blocks
(`statistics.draw_rows`), and both trackers' samples of a frame together, so that what slows the
machine for a while cancels out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from android_bench.measurement.statistics import SEED, Interval, draw_rows, interval95, row_medians

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Cost:
    """Of a frame, on average."""

    ms: float
    ms_ci95: Interval
    ratio: float  # to T = 1
    ratio_ci95: Interval


@dataclass(frozen=True, eq=False)
class Roles:
    """Which frames of a walk count, by their places."""

    key: NDArray[np.intp]
    reuse: NDArray[np.intp]  # empty where every frame is a keyframe
    share: float  # of keyframes, 0..1

    @property
    def counted(self) -> NDArray[np.intp]:
        return np.concatenate([self.key, self.reuse])


def mean_ms(series: Floats, roles: Roles) -> float:
    """A frame's amortised cost, from [frames] costs."""
    key = float(np.median(series[roles.key]))
    return key if not len(roles.reuse) else blend(key, np.median(series[roles.reuse]), roles.share)


def blend(key: float, reuse: float, share: float) -> float:
    return float(share * key + (1 - share) * reuse)


def amortise(series: Floats, base: Floats, roles: Roles, seed: int = SEED) -> Cost:
    """`series` and `base`: [frames] costs above 0 in ms; `base` is of T = 1."""
    costs, bases = resampled(series, base, roles, seed)
    fewest = min(len(part) for part in (roles.key, roles.reuse) if len(part))
    cost_ms, base_ms = mean_ms(series, roles), float(np.median(base[roles.counted]))
    return Cost(
        cost_ms,
        interval95(costs, fewest),
        cost_ms / base_ms,
        interval95(costs / bases, fewest),
    )


def resampled(series: Floats, base: Floats, roles: Roles, seed: int) -> tuple[Floats, Floats]:
    """[resamples] costs, and medians of T = 1 over the same draws."""
    key = drawn(roles.key, seed)
    costs = row_medians(series, key)
    if not len(roles.reuse):
        return costs, row_medians(base, key)
    reuse = drawn(roles.reuse, seed + 1)
    costs = roles.share * costs + (1 - roles.share) * row_medians(series, reuse)
    return costs, row_medians(base, np.concatenate([key, reuse], axis=1))


def drawn(places: NDArray[np.intp], seed: int) -> NDArray[np.int64]:
    """[resamples, places]"""
    rows = np.concatenate([*draw_rows(len(places), seed)])
    y: NDArray[np.int64] = places.astype(np.int64)[rows]
    return y

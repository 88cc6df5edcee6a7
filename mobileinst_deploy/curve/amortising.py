"""The mean cost of a frame where one in T is a keyframe: pure functions on series of frames.

cost = share × median of the keyframes + (1 − share) × median of the other frames, the share being
1/T. The ratio to T = 1 is the same of the ratios frame by frame: both trackers worked on a frame at
about the same time, so what slows the machine for a while cancels out.

Intervals: a bootstrap that draws frames in blocks (`statistics.draw_rows`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from android_bench.measurement.statistics import (
    SEED,
    Interval,
    NoiseFloor,
    draw_rows,
    interval95,
)

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
        """Ascending."""
        return np.sort(np.concatenate([self.key, self.reuse]))


def amortise(series: Floats, base: Floats, roles: Roles, seed: int = SEED) -> Cost:
    """`series` and `base`: [frames] costs above 0 in ms; `base` is of T = 1."""
    return Cost(
        amortised(series, roles),
        interval95(resampled(series, roles, seed), len(roles.counted)),
        amortised(series / base, roles),
        interval95(resampled(series / base, roles, seed), len(roles.counted)),
    )


def noise_floor(again: Floats, base: Floats, seed: int = SEED) -> NoiseFloor:
    """Of T = 1, walked twice: how far from 1 the ratio comes to lie, and may by chance."""
    every = np.arange(len(base))
    roles = Roles(every, every[:0], 1.0)
    ratio, drawn = amortised(again / base, roles), resampled(again / base, roles, seed)
    return NoiseFloor(abs(ratio - 1), interval95(np.abs(drawn - 1), len(base))[1])


def amortised(series: Floats, roles: Roles) -> float:
    """Of [frames] costs or ratios."""
    key = float(np.median(series[roles.key]))
    if not len(roles.reuse):
        return key
    return roles.share * key + (1 - roles.share) * float(np.median(series[roles.reuse]))


def resampled(series: Floats, roles: Roles, seed: int) -> Floats:
    """[draws] means as `amortised` has them."""
    frames = draw_frames(roles, seed)
    drawn = series[frames]
    if not len(roles.reuse):
        return np.asarray(np.median(drawn, axis=1))
    is_key = np.isin(frames, roles.key)
    key, reuse = (np.nanmedian(np.where(role, drawn, np.nan), axis=1) for role in (is_key, ~is_key))
    return np.asarray(roles.share * key + (1 - roles.share) * reuse)


def draw_frames(roles: Roles, seed: int) -> NDArray[np.intp]:
    """[draws, frames] places; draws without a keyframe, or with nothing else, are left out."""
    counted = roles.counted
    frames = counted[np.concatenate([*draw_rows(len(counted), seed)])]
    keys = np.isin(frames, roles.key).sum(axis=1)
    enough = (keys > 0) & ((keys < len(counted)) | (len(roles.reuse) == 0))
    y: NDArray[np.intp] = frames[enough]
    return y

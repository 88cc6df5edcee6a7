"""What makes a clip hard to track: things that cross each other, and that leave and come back."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.synthetic.motion import Pose, Times

Path = tuple[Pose, ...]  # there in every frame

MEETINGS = 0.6  # of the things with an event; the others leave and come back
OUTSIDE = 0.8  # of a thing's size: how far beyond the edge its centre turns round


def stage(
    random: np.random.Generator, paths: Sequence[Path], height: int, width: int, share: float
) -> list[Path]:
    """About that share of the things get another way, with the pace of the clip's length.

    A thing crosses one that is listed before it, thus behind it.
    """
    staged: list[Path] = []
    for path in paths:
        happens, meets = random.uniform(size=2) < (share, MEETINGS)
        if happens and meets and staged:
            path = crossing(random, path, staged[int(random.integers(len(staged)))], height, width)
        elif happens:
            path = excursion(random, path, height, width)
        staged.append(path)
    return staged


def crossing(random: np.random.Generator, path: Path, other: Path, height: int, width: int) -> Path:
    """Passes over the other, wherever that goes, about the middle of the clip."""
    time = np.arange(len(path), dtype=np.float64)
    since = time - random.uniform(0.3, 0.7) * time[-1]
    angle = random.uniform(0, 2 * np.pi)
    speed = width * random.uniform(0.6, 1.3) / len(path)
    aside = random.uniform(-0.25, 0.25) * path[0].size
    x = np.clip([pose.x for pose in other], 0, width) + np.cos(angle) * speed * since
    y = np.clip([pose.y for pose in other], 0, height) + np.sin(angle) * speed * since
    return led(path, x - np.sin(angle) * aside, y + np.cos(angle) * aside)


def excursion(random: np.random.Generator, path: Path, height: int, width: int) -> Path:
    """Leaves over an edge, is away for a quarter of the clip or more, and comes back."""
    frames = len(path)
    time = np.arange(frames, dtype=np.float64)
    gone = random.uniform(0.2, 0.45) * frames
    back = gone + random.uniform(0.25, 0.35) * frames
    away = np.clip(1 + np.minimum(time - gone, back - time) / (0.2 * frames), 0, 1)
    sides = np.array((width, height))
    start, stop = sides * random.uniform(0.25, 0.75, (2, 2))
    places = start + (stop - start) * np.linspace(0, 1, frames)[:, None]
    axis, far = (int(one) for one in random.integers(2, size=2))
    reach = OUTSIDE * max(pose.size * max(1.0, pose.stretch) for pose in path)
    edge = sides[axis] + reach if far else -reach
    places[:, axis] += (edge - places[:, axis]) * away
    return led(path, places[:, 0], places[:, 1])


def led(path: Path, x: Times, y: Times) -> Path:
    """The same poses at other places."""
    return tuple(
        replace(pose, x=right, y=down)
        for pose, right, down in zip(path, x.tolist(), y.tolist(), strict=True)
    )

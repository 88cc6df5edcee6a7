"""Where an actor is in each frame: paths to write by hand, and random ones.

A path is one pose a frame, None where the actor is not there at all.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

LARGEST = 8192  # pixels along a sprite's side, which is drawn whole wherever it lies
MOST_GROWTH = 1.5  # of a wandering actor, and the inverse
SWERVE = 12.0  # frames until its acceleration fades
BEYOND = 0.25  # of the picture's side: how far outside it turns round


@dataclass(frozen=True)
class Pose:
    """Pixel i of a picture covers [i, i + 1), so its first pixel's centre is at 0.5."""

    x: float  # of the sprite's centre, pixels, to the right
    y: float  # downwards
    size: float  # of the sprite's longer side, pixels
    angle: float = 0.0  # degrees, clockwise
    shear: float = 0.0  # x moves by so much of y, before the rotation
    stretch: float = 1.0  # factor of the width
    flip: bool = False  # left and right swapped
    gain: float = 1.0  # factor of the colours

    def __post_init__(self) -> None:
        if not (self.size > 0 and self.stretch > 0 and self.gain >= 0):
            raise ValueError(f"expected size and stretch > 0 and gain >= 0, got {self}")
        if self.size * max(1.0, self.stretch) > LARGEST:
            raise ValueError(f"expected a size of {LARGEST} pixels at most, got {self}")


Path = tuple[Pose | None, ...]
Point = tuple[float, float]
Times = NDArray[np.float64]  # [t], one value a frame


def resting(place: Point, size: float, frames: int) -> tuple[Pose, ...]:
    return (Pose(*place, size),) * frames


def straight(start: Point, stop: Point, size: float, frames: int) -> tuple[Pose, ...]:
    """From `start` in the first frame to `stop` in the last, at a constant speed.

    A stop outside of the picture makes the actor leave, a start outside of it makes it enter.
    """
    return along(start, stop, np.linspace(0, 1, frames), size)


def returning(start: Point, turn: Point, size: float, frames: int) -> tuple[Pose, ...]:
    """To `turn` in the middle of the frames, and back to `start` in the last.

    With a turn outside of the picture it leaves and re-enters.
    """
    return along(start, turn, 1 - np.abs(np.linspace(-1, 1, frames)), size)


def along(start: Point, stop: Point, steps: Times, size: float) -> tuple[Pose, ...]:
    """At a fraction of the way from start to stop in each frame."""
    (x, y), (right, down) = start, (stop[0] - start[0], stop[1] - start[1])
    return tuple(Pose(x + step * right, y + step * down, size) for step in steps.tolist())


def vanishing(path: Path, first: int, last: int) -> Path:
    """It without the frames first..last, both included: the actor is gone at once."""
    return tuple(None if first <= frame <= last else pose for frame, pose in enumerate(path))


def spinning(path: Path, degrees_per_frame: float) -> Path:
    return tuple(
        pose and replace(pose, angle=pose.angle + frame * degrees_per_frame)
        for frame, pose in enumerate(path)
    )


def wander(
    random: np.random.Generator, height: int, width: int, frames: int, size: float
) -> tuple[Pose, ...]:
    """A random path that starts within the picture or at its edge, and may leave it."""
    time = np.arange(frames, dtype=np.float64)
    x, y = (swinging if random.uniform() < 0.4 else drifting)(random, time, width, height)
    most = np.log(MOST_GROWTH)
    grown = size * np.exp(most * np.sin(np.log(random.uniform(0.98, 1.02)) * time / most))
    angle = random.uniform(-35, 35) + random.normal(0, 2.5) * time
    wobble = np.sin(time * random.uniform(0.3, 1.0) + random.uniform(0, 6.3))
    stretch = 1 + random.uniform(0, 0.08) * wobble
    shear = random.normal(0, 0.08) + random.uniform(0, 0.06) * wobble
    flip, gain = bool(random.integers(2)), float(random.uniform(0.75, 1.15))
    rows: list[list[float]] = np.stack([x, y, grown, angle, shear, stretch], 1).tolist()
    return tuple(
        Pose(right, down, side, turn, lean, wide, flip, gain)
        for right, down, side, turn, lean, wide in rows
    )


def drifting(
    random: np.random.Generator, time: Times, width: int, height: int
) -> tuple[Times, Times]:
    """A speed that swerves at first; what leaves the picture turns round some way outside."""
    x, y = (side * random.uniform(0.05, 0.95) for side in (width, height))
    right, down = random.normal(0, 0.02 * width, 2)
    faster, lower = random.normal(0, 0.0015 * width, 2)
    swerve = SWERVE**2 * (1 - np.cos(time / SWERVE))
    return (
        folded(x + right * time + faster * swerve, width),
        folded(y + down * time + lower * swerve, height),
    )


def folded(places: Times, side: int) -> Times:
    """Thrown back at BEYOND outside of 0..side, as a ball between two walls."""
    first, room = -BEYOND * side, (1 + 2 * BEYOND) * side
    return first + room - np.abs((places - first) % (2 * room) - room)


def swinging(
    random: np.random.Generator, time: Times, width: int, height: int
) -> tuple[Times, Times]:
    """An ellipse: what leaves the picture comes back."""
    x, y = (side * random.uniform(0.15, 0.85) for side in (width, height))
    wide, high = width * random.uniform(0.1, 0.45), height * random.uniform(0.05, 0.3)
    turn = random.uniform(0, 2 * np.pi) + random.choice([-1, 1]) * random.uniform(0.12, 0.4) * time
    return x + wide * np.cos(turn), y + high * np.sin(turn)

"""A scene as it can be written by hand: actors with paths before a backdrop, and a camera."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.synthetic.motion import Path, Point
from models.synthetic.sprites import Sprite


@dataclass(frozen=True, eq=False)
class Actor:
    sprite: Sprite
    path: Path  # as long as the scene


@dataclass(frozen=True, eq=False)
class Backdrop:
    """Moving it leaves the actors where they are: their places are in the picture's pixels."""

    canvas: NDArray[np.uint8]  # [h, w, 3] RGB; mirrored at its edges where it is too small
    corners: tuple[Point, ...] = ()  # x and y of the picture's corner on it, a frame; empty: 0, 0


@dataclass(frozen=True)
class Camera:
    gains: tuple[float, ...] = ()  # factor of the light, a frame; empty: 1
    noise: float = 0.0  # standard deviation, of 255
    seed: int = 0  # of the noise


def grey() -> Backdrop:
    return Backdrop(np.full((1, 1, 3), 128, np.uint8))


@dataclass(frozen=True, eq=False)
class Scene:
    """Actors stand in front of those before them in the list. Raises ValueError."""

    height: int
    width: int
    frames: int
    actors: tuple[Actor, ...]
    backdrop: Backdrop = field(default_factory=grey)
    camera: Camera = Camera()

    def __post_init__(self) -> None:
        if min(self.height, self.width, self.frames) < 1:
            sides = f"{self.height}x{self.width}, {self.frames} frames"
            raise ValueError(f"expected a scene of at least 1x1 and one frame, got {sides}")
        lengths = {f"path of actor {i}": len(actor.path) for i, actor in enumerate(self.actors)}
        for name, optional in (
            ("backdrop's corners", self.backdrop.corners),
            ("camera's gains", self.camera.gains),
        ):
            lengths[name] = len(optional) or self.frames
        for name, length in lengths.items():
            if length != self.frames:
                raise ValueError(f"expected {self.frames} frames, got {length} in the {name}")

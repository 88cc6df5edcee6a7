"""Scenes composed by hand, and a data set's picture folders."""

from pathlib import Path

import cv2
import numpy as np

from models.synthetic.motion import Path as ActorPath
from models.synthetic.scene import Actor, Scene
from models.synthetic.sprites import Sprite

HEIGHT, WIDTH = 40, 60


def block(height: int, width: int, category: str = "block") -> Sprite:
    """Opaque, of one random colour."""
    picture = np.full((height, width, 4), 255, np.uint8)
    picture[..., :3] = np.random.default_rng([height, width]).integers(0, 256, 3)
    return Sprite(picture, category, f"{category}/{height}x{width}")


def speckled(height: int, width: int, seed: int) -> Sprite:
    """Every pixel with a colour and an alpha of its own."""
    random = np.random.default_rng(seed)
    picture = random.integers(0, 256, (height, width, 4), dtype=np.uint8)
    return Sprite(picture, "speckled", f"speckled/{seed}")


def scene_of(*actors: tuple[Sprite, ActorPath]) -> Scene:
    """Of 40x60 pixels, before grey; the last actor stands in front."""
    frames = len(actors[0][1])
    return Scene(HEIGHT, WIDTH, frames, tuple(Actor(*actor) for actor in actors))


def save(path: Path, picture: np.ndarray) -> None:
    """RGB or RGBA, in the format of the path's ending; makes the folders above."""
    path.parent.mkdir(parents=True, exist_ok=True)
    order = [2, 1, 0, 3][: picture.shape[2]]
    assert cv2.imwrite(str(path), np.ascontiguousarray(picture[..., order]))


def sprite_tree(root: Path, count: int = 5, ending: str = ".png") -> Path:
    """Two categories with so many cut-outs each."""
    for category in ("cat", "dog"):
        for number in range(count):
            save(root / category / f"{number}{ending}", speckled(20, 30, number).picture)
    return root


def photo_tree(root: Path, count: int = 5) -> Path:
    """Photographs whose every pixel is the number of the picture times 20."""
    for number in range(count):
        save(root / f"{number}.png", np.full((50, 70, 3), 20 * number, np.uint8))
    return root

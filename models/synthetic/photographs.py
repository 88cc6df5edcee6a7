"""Backgrounds of one's own: a folder of photographs."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from models.synthetic.backgrounds import Canvas
from models.synthetic.errors import SourceError
from models.synthetic.pictures import describe_folder, list_pictures, read_picture
from models.synthetic.seeds import Split, part

ENDINGS = (".jpg", ".jpeg", ".png", ".webp")
CLOSEST = 2.5  # how much nearer than needed the camera may come


@dataclass(frozen=True)
class Photographs:
    """What they show is not labelled: leave out those that show a sprite's category."""

    root: Path
    names: tuple[str, ...]

    def check(self, split: Split) -> None:
        if not part(self.names, split):
            raise SourceError(
                f"{self.root} has one picture: training and validation share none, so give two "
                "or more, or take all of them for one data set"
            )

    def pick(self, random: np.random.Generator, split: Split, height: int, width: int) -> Canvas:
        names = part(self.names, split)
        name = names[int(random.integers(len(names)))]
        picture = read_picture(self.root / name, cv2.IMREAD_COLOR)
        return cut(picture[..., ::-1], random, height, width)

    def describe(self) -> str:
        return describe_folder(self.root, len(self.names))


def open_photographs(root: Path) -> Photographs:
    """Lists the pictures; each is read when it is picked. Raises SourceError."""
    return Photographs(root, tuple(path.name for path in list_pictures(root, ENDINGS)))


def cut(picture: Canvas, random: np.random.Generator, height: int, width: int) -> Canvas:
    """A random part of the picture, of the canvas's shape, brought to its size; may be mirrored."""
    fitting = min(picture.shape[0] / height, picture.shape[1] / width)
    scale = fitting / random.uniform(1, CLOSEST)
    high, wide = (max(1, int(side * scale)) for side in (height, width))
    top = int(random.integers(picture.shape[0] - high + 1))
    left = int(random.integers(picture.shape[1] - wide + 1))
    chosen = np.ascontiguousarray(picture[top : top + high, left : left + wide])
    way = cv2.INTER_AREA if scale > 1 else cv2.INTER_LINEAR
    canvas = cv2.resize(chosen, (width, height), interpolation=way).astype(np.uint8)
    return canvas[:, ::-1].copy() if random.integers(2) else canvas

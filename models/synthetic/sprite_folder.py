"""Cut-outs of one's own: a folder with a sub-folder of RGBA pictures for each category."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.synthetic.errors import SourceError
from models.synthetic.pictures import describe_folder, list_folder, list_pictures, read_picture
from models.synthetic.seeds import Split, part
from models.synthetic.sprites import Sprite

ENDINGS = (".png", ".webp")
LARGEST_SIDE = 2048  # pixels; its floats take five times the bytes of its picture


@dataclass(frozen=True)
class SpriteFolder:
    root: Path
    files: Mapping[str, tuple[str, ...]]  # category: its pictures, as "dog/a.png"

    @property
    def categories(self) -> tuple[str, ...]:
        return tuple(self.files)

    def check(self, split: Split) -> None:
        for category, names in self.files.items():
            if not part(names, split):
                raise SourceError(
                    f"{self.root / category} has one picture: training and validation share none, "
                    "so give each category two or more, or take all of them for one data set"
                )

    def pick(self, random: np.random.Generator, split: Split) -> Sprite:
        category = self.categories[int(random.integers(len(self.files)))]
        names = part(self.files[category], split)
        name = names[int(random.integers(len(names)))]
        return Sprite(read_cutout(self.root / name), category, name)

    def describe(self) -> str:
        count = sum(len(names) for names in self.files.values())
        return describe_folder(self.root, count)


def open_sprite_folder(root: Path) -> SpriteFolder:
    """Lists the pictures; each is read when it is picked. Raises SourceError."""
    folders = [entry for entry in list_folder(root) if entry.is_dir()]
    if not folders:
        raise SourceError(
            f"{root} has no folder in it: expected one for each category, with pictures inside"
        )
    return SpriteFolder(
        root,
        {
            folder.name: tuple(
                f"{folder.name}/{path.name}" for path in list_pictures(folder, ENDINGS)
            )
            for folder in folders
        },
    )


def read_cutout(path: Path) -> NDArray[np.uint8]:
    """[h, w, 4] RGBA, without the transparent margin. Raises SourceError."""
    picture = read_picture(path, cv2.IMREAD_UNCHANGED)
    if picture.dtype != np.uint8:
        raise SourceError(f"{path} has {picture.dtype} samples: expected 8 bits a channel")
    if picture.ndim != 3 or picture.shape[2] != 4 or picture[..., 3].min() == 255:
        raise SourceError(f"{path} has no transparency: expected a cut-out with an alpha channel")
    if max(picture.shape[:2]) > LARGEST_SIDE:
        sides = f"{picture.shape[0]}x{picture.shape[1]}"
        raise SourceError(f"{path} is {sides}: expected {LARGEST_SIDE} pixels a side at most")
    rows, columns = (np.flatnonzero((picture[..., 3] > 127).any(axis)) for axis in (1, 0))
    if not rows.size:
        raise SourceError(f"{path} is transparent everywhere: expected a cut-out to be seen")
    cut = picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.ascontiguousarray(cut[..., [2, 1, 0, 3]])

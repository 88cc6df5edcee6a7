"""A data set of synthetic clips: a folder in YouTube-VIS's layout, with a card."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from rich.table import Table

from export.staging import staged_folder
from mobileinst_deploy.dataset_folder import DATA_SET, GENERATOR
from models.synthetic.backgrounds import BackgroundSource, DrawnBackgrounds, MixedBackgrounds
from models.synthetic.clip import SyntheticClip
from models.synthetic.dataset import DatasetSize, write_dataset
from models.synthetic.drawn_sprites import DrawnSprites
from models.synthetic.photographs import open_photographs
from models.synthetic.random_scene import ClipSettings, render_clip
from models.synthetic.sprite_folder import open_sprite_folder
from models.synthetic.sprites import SpriteSource

LICENCE = (
    "What the generator draws may be used freely. Pictures of your own keep their licence, and so "
    "does what shows them."
)


@dataclass(frozen=True)
class DatasetWishes:
    output: Path
    clips: int
    seed: int
    settings: ClipSettings
    overwrite: bool = False


@dataclass(frozen=True)
class SourceFolders:
    """Pictures of one's own; without them the generator draws."""

    sprites: Path | None = None
    backgrounds: Path | None = None
    drawn: float = 0.0  # share of the clips whose background is drawn all the same

    def open_sprites(self) -> SpriteSource:
        return DrawnSprites() if self.sprites is None else open_sprite_folder(self.sprites)

    def open_backgrounds(self) -> BackgroundSource:
        """Raises ValueError for a share that can't be, SourceError."""
        if not 0 <= self.drawn < 1:
            raise ValueError(f"expected a share of drawn backgrounds in [0, 1), got {self.drawn}")
        if self.backgrounds is None:
            if self.drawn:
                raise ValueError("all backgrounds are drawn, unless you give a folder of others")
            return DrawnBackgrounds()
        photographs = open_photographs(self.backgrounds)
        if not self.drawn:
            return photographs
        return MixedBackgrounds(((1 - self.drawn, photographs), (self.drawn, DrawnBackgrounds())))


def synthesise(wishes: DatasetWishes, step: Callable[[str], None]) -> DatasetSize:
    """Writes the data set, whole or not at all; `step` hears of each clip.

    Raises OutputExistsError, ExportError where the place can't be written to, and SourceError.
    """

    def clips() -> Iterator[SyntheticClip]:
        for clip in range(wishes.clips):
            step(f"clip {clip + 1} of {wishes.clips}")
            yield render_clip(wishes.seed, wishes.settings, clip)

    with staged_folder(wishes.output, wishes.overwrite, DATA_SET) as folder:
        return write_dataset(folder, clips(), wishes.settings.sprites.categories, card(wishes))


def card(wishes: DatasetWishes) -> dict[str, Any]:
    """Everything that the bytes of the data set depend on, but the content of the folders."""
    settings = wishes.settings
    return {
        "generator": GENERATOR,
        "versions": {
            "mobileinst-deploy": version("mobileinst-deploy"),
            "numpy": np.__version__,
            "opencv": cv2.__version__,
        },
        "seed": wishes.seed,
        "clips": wishes.clips,
        "split": settings.split,
        "height": settings.height,
        "width": settings.width,
        "frames": settings.frames,
        "actors": list(settings.actors),
        "sizes": list(settings.sizes),
        "noise": settings.noise,
        "light": settings.light,
        "pan": settings.pan,
        "events": settings.events,
        "sprites": settings.sprites.describe(),
        "backgrounds": settings.backgrounds.describe(),
        "licence": LICENCE,
    }


def size_table(size: DatasetSize) -> Table:
    table = Table(title="What the data set holds")
    for name in asdict(size):
        table.add_column(name, justify="right")
    table.add_row(*(str(count) for count in asdict(size).values()))
    return table

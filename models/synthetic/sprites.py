"""A cut-out that an actor wears, and where cut-outs come from."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.synthetic.seeds import Split


@dataclass(frozen=True, eq=False)
class Sprite:
    picture: NDArray[np.uint8]  # [h, w, 4] RGBA, colours not multiplied by alpha
    category: str
    name: str  # of the cut-out, the same for every actor that wears it: "star/18", "dog/a.png"

    def __post_init__(self) -> None:
        shape, kind = self.picture.shape, self.picture.dtype
        if kind != np.uint8 or len(shape) != 3 or shape[2] != 4:
            raise ValueError(f"expected a sprite uint8 [h, w, 4], got {kind} {list(shape)}")


class SpriteSource(Protocol):
    @property
    def categories(self) -> tuple[str, ...]:
        """Their names, in the order of their ids; the same for every split."""

    def check(self, split: Split) -> None:
        """Raises SourceError where the split has no cut-out of a category."""

    def pick(self, random: np.random.Generator, split: Split) -> Sprite:
        """A random category's random cut-out, one that the split may use."""

    def describe(self) -> str:
        """Where the cut-outs come from, for the card of a data set."""

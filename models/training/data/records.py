"""What a data set says about its pictures, before any of them is read."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

Segmentation = Any  # polygons, or run lengths: as `segmentations.decode` takes them


@dataclass(frozen=True)
class Label:
    """An object in a picture."""

    label: int  # the class's place among the data set's categories, in the order of their ids
    segmentation: Segmentation


@dataclass(frozen=True)
class Picture:
    path: Path
    height: int
    width: int
    objects: tuple[Label, ...]


@dataclass(frozen=True)
class Video:
    """Its frames in order; the same object need not stand at the same place in each."""

    name: str
    frames: tuple[Picture, ...]


@dataclass(frozen=True)
class Categories:
    """In the order of their ids; a class is a place in both."""

    ids: tuple[int, ...]
    names: tuple[str, ...]

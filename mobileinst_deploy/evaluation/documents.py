"""YouTube-VIS's files as they are: the layout, before anything in them is compared.

Layout: youtubevos/cocoapi, PythonAPI/pycocotools/ytvos.py. What is not named here is ignored.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from mobileinst_deploy.errors import InputError
from mobileinst_deploy.evaluation.video_masks import Rle, Segmentation

Id = Annotated[int, Meta(gt=0, lt=2**53)]  # 0 reads as "not matched" in pycocotools
Side = Annotated[int, Meta(gt=0, lt=2**16)]
Read = TypeVar("Read")

NO_NUMBER = re.compile(rb"[\[:,]\s*-?(NaN|Infinity)\b")  # as Python's own json writes them


@dataclass(frozen=True)
class Video:
    id: Id
    width: Side
    height: Side
    length: Annotated[int, Meta(gt=0)]  # frames
    file_names: tuple[str, ...]  # of each frame, below the folder of pictures


@dataclass(frozen=True)
class Category:
    id: Id
    name: str


@dataclass(frozen=True)
class Annotation:
    """One object of a video; None in the frames in which it is not seen."""

    id: Id
    video_id: Id
    category_id: Id
    segmentations: tuple[Segmentation | None, ...]
    areas: tuple[Annotated[float, Meta(ge=0)] | None, ...]  # in pixels
    iscrowd: Annotated[int, Meta(ge=0, le=1)] = 0


@dataclass(frozen=True)
class TruthDocument:
    videos: Annotated[tuple[Video, ...], Meta(min_length=1)]
    categories: Annotated[tuple[Category, ...], Meta(min_length=1)]
    annotations: tuple[Annotation, ...]


@dataclass(frozen=True)
class ResultRow:
    """One track that was found."""

    video_id: Id
    category_id: Id
    score: float
    segmentations: tuple[Rle | None, ...]


def read_file(path: Path) -> bytes:
    """Raises InputError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"can't read {path}: {error.strerror or error}") from error


def decode_document(encoded: bytes, kind: type[Read], what: str) -> Read:
    """JSON of that kind. Raises InputError, with `what` in it and the place."""
    try:
        return msgspec.json.decode(encoded, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        found = NO_NUMBER.search(encoded)
        why = f"{found[1].decode()} at byte {found.start(1)} is no number" if found else error
        raise InputError(f"{what}: {why}") from error

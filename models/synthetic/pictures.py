"""Pictures of a folder, listed in an order that is the same everywhere, and decoded."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.synthetic.errors import SourceError


def list_folder(folder: Path) -> list[Path]:
    """Everything in it that is not hidden, by name. Raises SourceError."""
    try:
        entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    except OSError as error:
        raise SourceError(f"can't read the folder {folder}: {error.strerror or error}") from error
    for entry in entries:
        if not is_text(entry.name):
            raise SourceError(f"{entry.name!a} in {folder} is not UTF-8: give it another name")
    return entries


def list_pictures(folder: Path, endings: tuple[str, ...]) -> list[Path]:
    """The files with those endings. Raises SourceError where there is none."""
    pictures = [
        entry
        for entry in list_folder(folder)
        if entry.suffix.lower() in endings and entry.is_file()
    ]
    if not pictures:
        raise SourceError(f"there is no picture in {folder}: expected {' or '.join(endings)}")
    return pictures


def read_picture(path: Path, flags: int) -> NDArray[Any]:
    """Decoded as cv2.imread does with these flags, BGR or BGRA. Raises SourceError."""
    try:
        content = np.frombuffer(path.read_bytes(), np.uint8)
        decoded = cv2.imdecode(content, flags) if content.size else None
    except OSError as error:
        raise SourceError(f"can't read {path}: {error.strerror or error}") from error
    except cv2.error as error:
        raise SourceError(f"{path} can't be decoded: {error.err}") from error
    if decoded is None:
        raise SourceError(f"{path} can't be decoded: it is damaged, or not what its name says")
    return decoded


def is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True

"""Pictures of a folder, listed in an order that is the same everywhere, and decoded."""

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from models.picture_files import decode
from models.synthetic.errors import SourceError

ORIGIN = "origin.txt"  # beside pictures: one line, where they come from and their licence


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


def describe_folder(folder: Path, count: int) -> str:
    """With what its ORIGIN says, if there is one; for the card of a data set."""
    try:
        origin = " ".join((folder / ORIGIN).read_text().split())
    except (OSError, ValueError):
        origin = "under their own licence"
    return f"{count} pictures of the folder {folder.name}, {origin}"


def read_picture(path: Path, flags: int) -> NDArray[Any]:
    """Decoded as cv2.imread does with these flags, BGR or BGRA. Raises SourceError."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SourceError(f"can't read {path}: {error.strerror or error}") from error
    decoded = decode(content, flags)
    if decoded is None:
        raise SourceError(f"{path} can't be decoded: it is damaged, or not what its name says")
    return decoded


def is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True

"""Where frames come from, one after the other: a video, a folder of pictures, a webcam.

Never more than one picture is held, however long the source is.
"""

import os
import re
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain, count, islice
from pathlib import Path
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from mobileinst_deploy.errors import InputError
from mobileinst_deploy.video import grabbed, keep_quiet, opened, retrieve
from models.frames import Frame

PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")
FOLDER_FPS = 25.0
CAMERA_FPS = 30.0  # of one that does not say
SLOWEST_FPS, FASTEST_FPS = 1.0, 240.0  # what a container says beyond that is no rate of pictures

Frames = Generator[Frame, None, None]


@dataclass(frozen=True, eq=False)
class Source:
    name: str
    frames: Iterator[Frame]  # with their indices in the whole source
    fps: float
    length: int | None  # frames to come, as far as that is known
    height: int  # of the first picture
    width: int


@dataclass(frozen=True, eq=False)
class Reader:
    """A source before anything of it is read."""

    name: str
    frames: Frames
    fps: float
    length: int | None  # None for a webcam, and where a video does not say


@contextmanager
def open_source(
    text: str, fps: float | None = None, start: int = 0, frames: int | None = None
) -> Iterator[Source]:
    """A file, a folder or a webcam's number; of it the frames from `start` on, so many at most.

    `fps` overrules what the source says of itself. Raises InputError where there is no frame, and
    while it is read where one can't be decoded or a folder's pictures differ in size.
    """
    reader = reader_of(text)
    with closing(reader.frames) as every:
        part = islice(every, start, None if frames is None else start + frames)
        first = next(part, None)
        if first is None:
            raise InputError(f"{reader.name} ends before frame {start}; begin at a lower one")
        height, width = first.picture.shape[:2]
        length = frames_to_come(reader.length, start, frames)
        rest = chain((first,), part)
        yield Source(reader.name, rest, fps or reader.fps, length, height, width)


def frames_to_come(length: int | None, start: int, wanted: int | None) -> int | None:
    if length is None:
        return wanted
    left = max(1, length - start)
    return left if wanted is None else min(left, wanted)


def reader_of(text: str) -> Reader:
    path = Path(text)
    if is_camera(text):
        return camera(int(text))
    if os.path.isdir(path):  # False for a name that no system call takes
        return folder(path)
    if path.suffix.lower() in PICTURES:
        return Reader(path.name, pictures([path]), FOLDER_FPS, 1)
    return video(path)


def is_camera(text: str) -> bool:
    """A number, unless there is a file or folder of that name."""
    return text.isascii() and text.isdecimal() and not os.path.exists(text)


def video(path: Path) -> Reader:
    with opened(path) as capture:
        length = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
        fps = rate(capture, FOLDER_FPS)
    return Reader(path.name, video_frames(path), fps, length if length > 0 else None)


def video_frames(path: Path) -> Frames:
    with opened(path) as capture:
        for position in grabbed(path, capture):
            yield Frame(position, retrieve(path, capture, position), path.name)


def rate(capture: cv2.VideoCapture, default: float) -> float:
    """Frames per second."""
    fps = float(capture.get(cv2.CAP_PROP_FPS))
    return fps if SLOWEST_FPS <= fps <= FASTEST_FPS else default


def folder(path: Path) -> Reader:
    """Its pictures by name, numbers in names by their value. Other files are left alone."""
    try:
        files = [file for file in path.iterdir() if is_picture(file)]
    except OSError as error:
        raise InputError(f"can't read {path}: {error.strerror or error}") from error
    if not files:
        raise InputError(f"{path} has no picture; expected {', '.join(PICTURES)}")
    files.sort(key=natural)
    return Reader(path.name or str(path), pictures(files), FOLDER_FPS, len(files))


def is_picture(path: Path) -> bool:
    """Not hidden: other systems leave companions of that kind beside their files."""
    return path.suffix.lower() in PICTURES and not path.name.startswith(".")


def natural(path: Path) -> tuple[list[str | int], str]:
    """frame-9 before frame-10. Words and numbers are at the same places in all keys."""
    parts = re.split(r"(\d+)", path.name.lower())
    return [int(part) if place % 2 else part for place, part in enumerate(parts)], path.name


def pictures(files: list[Path]) -> Frames:
    size: tuple[int, ...] | None = None
    for index, file in enumerate(files):
        picture = read_picture(file)
        if size is None:
            size = picture.shape[:2]
        if picture.shape[:2] != size:
            raise InputError(
                f"{file} is {shown(picture.shape)}, expected {shown(size)} as {files[0].name} is; "
                "a video's pictures are of one size"
            )
        yield Frame(index, picture, file.name)


def shown(size: tuple[int, ...]) -> str:
    """Height and width as people write them, the width first."""
    return f"{size[1]}x{size[0]}"


def read_picture(path: Path) -> NDArray[np.uint8]:
    """[h, w, 3] RGB."""
    keep_quiet()
    try:
        content = np.frombuffer(path.read_bytes(), np.uint8)
        picture = cv2.imdecode(content, cv2.IMREAD_COLOR) if content.size else None
    except OSError as error:
        raise InputError(f"can't read {path}: {error.strerror or error}") from error
    except cv2.error as error:
        raise InputError(f"{path} can't be decoded: {error.err}") from error
    if picture is None:
        raise InputError(f"{path} is not a picture, is damaged, or is in a format unknown here")
    return cast(NDArray[np.uint8], cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))


def camera(number: int) -> Reader:
    capture = open_camera(number)
    fps = rate(capture, CAMERA_FPS)
    return Reader(f"camera {number}", camera_frames(capture, number), fps, None)


def open_camera(number: int) -> cv2.VideoCapture:
    keep_quiet()
    capture = cv2.VideoCapture(number)
    if not capture.isOpened():
        capture.release()
        raise InputError(
            f"camera {number} can't be opened; expected a file, a folder, or the number of a "
            "webcam that is connected and that no other program uses"
        )
    return capture


def camera_frames(capture: cv2.VideoCapture, number: int) -> Frames:
    """Until the reader stops. Raises InputError where the camera does."""
    try:
        for index in count():
            delivered, picture = capture.read()
            if not delivered:
                raise InputError(f"camera {number} gives no picture any more, after {index}")
            rgb = cast(NDArray[np.uint8], cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
            yield Frame(index, rgb, f"camera {number}")
    finally:
        capture.release()

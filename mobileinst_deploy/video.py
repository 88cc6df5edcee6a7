"""Frames of a video, decoded with OpenCV, as RGB pictures.

Always decoded from the start: seeking lands on another frame in some containers.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from mobileinst_deploy.errors import InputError
from models.frames import Frame


def read_spread(path: Path, count: int) -> list[Frame]:
    """The middles of `count` equal parts of the video.

    Raises InputError where it can't be read or has fewer frames; ValueError where count < 1.
    """
    check_range(count)
    stated = stated_length(path)
    frames = pick(path, spread(stated, count)) if stated >= count else []
    if len(frames) == count:
        return frames
    length = decoded_length(path)  # the container gives no length, or a wrong one
    if length < count:
        raise too_short(path, length, count)
    return pick_all(path, spread(length, count))


def read_run(path: Path, count: int, start: int = 0) -> list[Frame]:
    """`count` consecutive frames from number `start` on.

    Raises InputError where the video can't be read or is too short; ValueError where count < 1 or
    start < 0.
    """
    check_range(count, start)
    return pick_all(path, range(start, start + count))


def spread(length: int, count: int) -> list[int]:
    """The frames in the middle of `count` equal parts of `length` frames."""
    return [(2 * part + 1) * length // (2 * count) for part in range(count)]


def check_range(count: int, start: int = 0) -> None:
    if count < 1 or start < 0:
        raise ValueError(f"expected count >= 1 and start >= 0, got count={count}, start={start}")


def too_short(path: Path, length: int, wanted: int) -> InputError:
    return InputError(
        f"{path} has only {length} frames that can be decoded, expected at least {wanted}; "
        "ask for fewer or give a longer video"
    )


def pick_all(path: Path, indices: Sequence[int]) -> list[Frame]:
    """The frames of those ascending indices. Raises InputError where the video ends before."""
    frames = pick(path, indices)
    if len(frames) < len(indices):
        raise too_short(path, decoded_length(path), indices[-1] + 1)
    return frames


def pick(path: Path, indices: Sequence[int]) -> list[Frame]:
    """The frames of those ascending indices, as far as the video reaches. Raises InputError."""
    frames: list[Frame] = []
    with opened(path) as capture:
        for position in grabbed(path, capture):
            if position == indices[len(frames)]:
                frames.append(Frame(position, retrieve(path, capture, position), path.name))
            if len(frames) == len(indices):
                break
    return frames


def grabbed(path: Path, capture: cv2.VideoCapture) -> Iterator[int]:
    """The number of each frame, once it lies ready. Raises InputError where there is none."""
    position = 0
    while capture.grab():
        yield position
        position += 1
    if position == 0:
        raise InputError(f"no frame of {path} can be decoded: the file is cut off or damaged")


def retrieve(path: Path, capture: cv2.VideoCapture, position: int) -> NDArray[np.uint8]:
    decoded, picture = capture.retrieve()
    if not decoded:
        raise InputError(f"frame {position} of {path} can't be decoded: the file is damaged")
    return cast(NDArray[np.uint8], cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))


def decoded_length(path: Path) -> int:
    with opened(path) as capture:
        return sum(1 for _ in grabbed(path, capture))


def stated_length(path: Path) -> int:
    """What the container says; 0 or below where it says nothing."""
    with opened(path) as capture:
        return int(capture.get(cv2.CAP_PROP_FRAME_COUNT))


@contextmanager
def opened(path: Path) -> Iterator[cv2.VideoCapture]:
    check_file(path)
    keep_quiet()
    capture = cv2.VideoCapture(str(path.absolute()))  # absolute: FFmpeg takes "a:b" for a protocol
    try:
        if not capture.isOpened():
            raise InputError(f"{path} is not a video, is damaged, or is in a format unknown here")
        yield capture
    except cv2.error as error:
        raise InputError(f"{path} can't be decoded: {error.err}") from error
    finally:
        capture.release()


def keep_quiet() -> None:
    """The lines of OpenCV and FFmpeg on stderr would drown ours."""
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # AV_LOG_QUIET; read at the first capture
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


def check_file(path: Path) -> None:
    """Raises InputError unless it is a file with content that OpenCV can be given."""
    try:
        os.fspath(path).encode()  # OpenCV crashes on a name that is not UTF-8
        if path.exists() and not path.is_file():
            raise InputError(f"{path} is a {kind(path)}, expected a video file")
        with path.open("rb") as file:
            empty = not file.read(1)
    except UnicodeEncodeError as error:
        raise InputError(f"can't read {str(path)!a}: its name is not UTF-8") from error
    except OSError as error:
        raise InputError(f"can't read {path}: {error.strerror or error}") from error
    if empty:
        raise InputError(f"{path} is empty, expected a video")


def kind(path: Path) -> str:
    return "folder" if path.is_dir() else "device or pipe"

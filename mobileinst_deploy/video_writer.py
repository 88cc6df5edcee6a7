"""Videos that appear when they are finished, and hold every picture they were given."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mobileinst_deploy.errors import InputError
from mobileinst_deploy.video import decoded_length, keep_quiet

CODECS = {".mp4": "mp4v", ".avi": "MJPG"}
PROBE = np.zeros((64, 64, 3), np.uint8)
MIB = 1024 * 1024


class VideoWriter:
    """Pictures of one size into a file. An odd side grows by a pixel: the codecs want even ones."""

    def __init__(self, path: Path, fps: float) -> None:
        self.path = path
        self.fps = fps
        self.frames = 0  # written so far
        self.is_saved = False  # all of them lie where they belong
        self.writer: cv2.VideoWriter | None = None

    def add(self, picture: NDArray[np.uint8]) -> None:
        """[h, w, 3] RGB. Raises OSError where there is no such encoder, or no such folder."""
        height, width = picture.shape[:2]
        even = cv2.copyMakeBorder(picture, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
        if self.writer is None:
            self.writer = self.open(even.shape[1], even.shape[0])
        self.writer.write(cv2.cvtColor(even, cv2.COLOR_RGB2BGR))
        self.frames += 1

    def open(self, width: int, height: int) -> cv2.VideoWriter:
        keep_quiet()
        codec = CODECS[self.path.suffix.lower()]
        writer = cv2.VideoWriter(
            str(self.path.absolute()),
            cv2.VideoWriter.fourcc(*codec),
            self.fps,
            (width, height),
        )
        if not writer.isOpened():
            writer.release()
            raise OSError(f"OpenCV can't write {codec} at {width}x{height} here")
        return writer

    def close(self) -> None:
        if self.writer is not None:
            self.writer.release()


@contextmanager
def writing_video(path: Path, fps: float) -> Iterator[VideoWriter]:
    """A video that takes the place of `path` at the end, whatever ends it.

    Also after an error or an interruption the pictures that came are kept; without any, nothing is
    left and what was there stays. Raises OSError where not all of them reached the disk, and leaves
    nothing then.
    """
    partial = beside(path)
    writer = VideoWriter(partial, fps)
    try:
        try:
            yield writer
        finally:
            writer.close()
            if writer.frames:
                # One more where the interruption came between writing and counting.
                writer.frames = verify(partial, path, writer.frames)
                os.replace(partial, path)
                writer.is_saved = True
    finally:
        partial.unlink(missing_ok=True)


def beside(path: Path) -> Path:
    """Hidden, and of the same ending, by which OpenCV knows the container."""
    return path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")


def verify(partial: Path, path: Path, frames: int) -> int:
    """How many can be read back.

    Raises OSError where there are less than these: OpenCV is silent about a full disk.
    """
    found = 0
    with suppress(InputError):  # not even the first one
        found = decoded_length(partial)
    if found < frames:
        free = shutil.disk_usage(partial.parent).free // MIB
        raise OSError(
            f"can't write {path}: {found} of {frames} frames can be read back; the disk has "
            f"{free} MiB free: make room"
        )
    return found


def check_encoder(path: Path) -> None:
    """Raises OSError unless a video can be begun there; leaves nothing."""
    partial = beside(path)
    writer = VideoWriter(partial, fps=25)
    try:
        writer.add(PROBE)
    finally:
        writer.close()
        partial.unlink(missing_ok=True)

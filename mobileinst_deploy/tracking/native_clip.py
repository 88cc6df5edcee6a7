"""A clip as files of raw pixels, one a frame, which the native runner reads."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from android_bench.remote.job import FileRef
from mobileinst_deploy.errors import InputError, RunError
from mobileinst_deploy.feeding import frame_name
from models.frames import Frame


@dataclass(frozen=True)
class StoredClip:
    height: int  # of every picture
    width: int
    indices: tuple[int, ...]  # of the frames, in their video
    pictures: tuple[FileRef, ...]  # uint8 RGB, [height, width, 3]


def store_clip(folder: Path, frames: Iterable[Frame]) -> StoredClip | None:
    """Writes each frame as it comes, height × width × 3 bytes; None where none comes.

    Raises InputError where the picture's size changes, RunError where there is no room.
    """
    size, indices, pictures = None, list[int](), list[FileRef]()
    for frame in frames:
        height, width = frame.picture.shape[:2]
        size = size or (height, width)
        if (height, width) != size:
            raise InputError(
                f"{frame_name(frame)} is {height}x{width}, but the video began with "
                f"{size[0]}x{size[1]}; give frames of one size"
            )
        indices.append(frame.index)
        pictures.append(store_picture(folder, frame))
    return StoredClip(*size, tuple(indices), tuple(pictures)) if size else None


def store_picture(folder: Path, frame: Frame) -> FileRef:
    """Frames that are alike share a file. Raises RunError where there is no room for it."""
    content = frame.picture.tobytes()
    name = sha256(content).hexdigest()
    path = folder / name
    try:
        if not path.exists():
            path.write_bytes(content)
    except OSError as error:
        raise RunError(
            f"can't keep {frame_name(frame)} in {folder}: {error.strerror or error}; the native "
            f"runner reads {len(content)} bytes a frame: set TMPDIR to a folder with more room"
        ) from error
    return FileRef(name, len(content), path)

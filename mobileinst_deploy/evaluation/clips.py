"""The videos that trackers walk. One at a time is held in memory, decoded."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mobileinst_deploy.errors import InputError
from mobileinst_deploy.evaluation.documents import Video
from mobileinst_deploy.evaluation.ground_truth import GroundTruth
from mobileinst_deploy.sources import open_source, read_picture, shown
from models.frames import Frame


@dataclass(frozen=True)
class Clip:
    name: str
    length: int  # frames
    video_id: int  # in the ground truth; 1 without one
    load: Callable[[], Sequence[Frame]]


def video_clip(video: str, frames: int, start: int) -> Clip:
    """So many frames from `start` on, decoded at once.

    Raises InputError where the video can't be read or is too short.
    """
    with open_source(video, start=start, frames=frames) as source:
        read = tuple(source.frames)
    if len(read) < frames:
        raise InputError(
            f"{source.name} has {len(read)} frames from frame {start} on, expected {frames}; ask "
            "for fewer with --frames, or give a longer video"
        )
    return Clip(source.name, frames, 1, lambda: read)


def first_videos(truth: GroundTruth, count: int | None) -> GroundTruth:
    """Of the ground truth the first videos, in the file's order; None: all of them."""
    kept = dict(list(truth.videos.items())[:count])
    tracks = tuple(track for track in truth.tracks if track.video_id in kept)
    return replace(truth, videos=kept, tracks=tracks)


def truth_clips(truth: GroundTruth, pictures: Path) -> tuple[Clip, ...]:
    """Every video of the ground truth. Raises InputError where a picture's file is missing."""
    for video in truth.videos.values():
        for name in video.file_names:
            if not os.path.isfile(pictures / name):  # False for a name that no system call takes
                raise InputError(
                    f"there is no {pictures / name}, which video {video.id} of the ground truth "
                    "names; give the folder that its names begin in with --pictures"
                )
    return tuple(truth_clip(video, pictures) for video in truth.videos.values())


def truth_clip(video: Video, pictures: Path) -> Clip:
    name = Path(video.file_names[0]).parent.name or str(video.id)
    return Clip(name, video.length, video.id, lambda: tuple(read_frames(video, pictures, name)))


def read_frames(video: Video, pictures: Path, name: str) -> Iterator[Frame]:
    """Raises InputError where a picture can't be read, or is not of the ground truth's size."""
    size, owner = (video.height, video.width), f"video {video.id}"
    for index, file in enumerate(video.file_names):
        yield Frame(index, read_sized(pictures / file, size, owner), name)


def read_sized(path: Path, size: tuple[int, int], owner: str) -> NDArray[np.uint8]:
    """[h, w, 3] RGB. Raises InputError where it can't be read or is not of that height and width.

    `owner` is what messages say whose size it is.
    """
    picture = read_picture(path)
    if picture.shape[:2] != size:
        raise InputError(
            f"{path} is {shown(picture.shape)}, but the ground truth says {shown(size)} of {owner}"
        )
    return picture

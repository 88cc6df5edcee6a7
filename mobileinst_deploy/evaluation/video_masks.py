"""The masks of one object in all frames of a video, as one mask: the frames side by side.

Then the IoU of two such masks is YouTube-VIS's: the intersections of all frames over the unions of
all frames. Run lengths go down the columns, so frames come to lie side by side without decoding.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray
from pycocotools import mask as coco

from mobileinst_deploy.errors import InputError
from mobileinst_deploy.tracking.rle import runs

Polygon = Annotated[tuple[float, ...], Meta(min_length=6)]  # x, y, x, y, … in pixels


@dataclass(frozen=True)
class Rle:
    """One frame's mask as its files have it."""

    size: tuple[int, int]  # height, width
    counts: str | tuple[Annotated[int, Meta(ge=0)], ...]  # compressed, or the runs themselves


Segmentation = Rle | Annotated[tuple[Polygon, ...], Meta(min_length=1)]


@dataclass(frozen=True)
class VideoMask:
    rle: dict[str, Any]  # of pycocotools, [height, width × frames]
    frame_areas: tuple[int, ...]  # pixels


def join_frames(
    frames: Sequence[Segmentation | None], height: int, width: int, place: str
) -> VideoMask:
    """Raises InputError, with the place, where a frame has a mask of another size, or none."""
    changes = [
        frame_changes(frame, height, width, f"{place}[{index}]")
        for index, frame in enumerate(frames)
    ]
    return joined(changes, height, width)


def picture_mask(segmentation: Segmentation, height: int, width: int, place: str) -> VideoMask:
    """Of a video of one frame; else as `join_frames`."""
    return joined([frame_changes(segmentation, height, width, place)], height, width)


def joined(changes: Sequence[NDArray[np.int64]], height: int, width: int) -> VideoMask:
    """Of each frame where its mask begins and ends, as `frame_changes` has it."""
    size = height * width
    every = only_odd(np.concatenate([own + index * size for index, own in enumerate(changes)]))
    ends = (0, *every.tolist(), size * len(changes))
    counts = [end - start for start, end in pairwise(ends)]
    shape = (height, width * len(changes))
    rle = coco.frPyObjects({"size": shape, "counts": counts if counts[-1] else counts[:-1]}, *shape)
    return VideoMask(rle, tuple(int((own[1::2] - own[::2]).sum()) for own in changes))


def only_odd(ascending: NDArray[np.int64]) -> NDArray[np.int64]:
    """Each of the numbers once, without those that are there twice: two changes are none."""
    values, counts = np.unique(ascending, return_counts=True)
    y: NDArray[np.int64] = values[counts % 2 == 1]
    return y


def frame_changes(
    frame: Segmentation | None, height: int, width: int, place: str
) -> NDArray[np.int64]:
    """Ascending, an even number: pixels at which the mask begins and ends, down the columns."""
    if frame is None:
        return np.empty(0, np.int64)
    try:
        lengths = frame_runs(frame, height, width)
    except InputError as error:
        raise InputError(f"{place}: {error}") from error
    return lengths.cumsum()[: len(lengths) // 2 * 2]


def frame_runs(frame: Segmentation, height: int, width: int) -> NDArray[np.int64]:
    """The lengths of the runs, checked: pycocotools may hang on others."""
    if not isinstance(frame, Rle):
        return runs(polygon_counts(frame, height, width), height, width)
    if frame.size != (height, width):
        raise InputError(
            f"expected a mask of {height}x{width}, got {frame.size[0]}x{frame.size[1]}"
        )
    if isinstance(frame.counts, str):
        return runs(frame.counts, height, width)
    if sum(frame.counts) != height * width:
        raise InputError(
            f"expected runs of {height}x{width} = {height * width} pixels, got {sum(frame.counts)}"
        )
    return np.array(frame.counts, np.int64)


def polygon_counts(polygons: Sequence[Polygon], height: int, width: int) -> str:
    """Compressed run lengths of what lies in any of them."""
    limit = 2 * max(height, width)  # pycocotools walks along every edge
    for polygon in polygons:
        if len(polygon) % 2:
            raise InputError(f"expected x and y of a polygon in turn, got {len(polygon)} numbers")
        if any(abs(number) > limit for number in polygon):
            raise InputError(f"a polygon lies far outside of the picture of {height}x{width}")
    parts = coco.frPyObjects([list(polygon) for polygon in polygons], height, width)
    counts: bytes = coco.merge(parts)["counts"]
    return counts.decode("ascii")

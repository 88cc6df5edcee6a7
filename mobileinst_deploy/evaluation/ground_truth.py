"""YouTube-VIS ground truth, loaded and checked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mobileinst_deploy.errors import InputError
from mobileinst_deploy.evaluation.documents import (
    Annotation,
    Category,
    TruthDocument,
    Video,
    decode_document,
    read_file,
)
from mobileinst_deploy.evaluation.video_masks import VideoMask, join_frames

MOST_PIXELS = 2**32 - 1  # of a whole video: pycocotools counts them in 32 bits


@dataclass(frozen=True)
class TrueTrack:
    id: int
    video_id: int
    category_id: int
    crowd: bool
    mask: VideoMask
    area: float  # the mean of its frames' areas, of those in which it is seen


@dataclass(frozen=True)
class GroundTruth:
    videos: Mapping[int, Video]  # by id
    categories: Mapping[int, Category]  # by id
    tracks: tuple[TrueTrack, ...]


def load_ground_truth(path: Path) -> GroundTruth:
    """Raises InputError, with the file and the place, where it can't be read or contradicts itself.

    The pictures are not looked for.
    """
    return parse_ground_truth(read_file(path), str(path))


def parse_ground_truth(encoded: bytes, source: str) -> GroundTruth:
    """Of JSON; `source` is what messages call it. Raises InputError."""
    document = decode_document(
        encoded, TruthDocument, f"{source} is not ground truth in the layout of YouTube-VIS"
    )
    for index, video in enumerate(document.videos):
        check_video(video, f"{source}: videos[{index}]")
    check_unique((row.id for row in document.annotations), f"{source}: annotations")
    check_unique((row.id for row in document.videos), f"{source}: videos")
    check_unique((row.id for row in document.categories), f"{source}: categories")
    videos = {video.id: video for video in document.videos}
    categories = {category.id: category for category in document.categories}
    tracks = tuple(
        true_track(row, videos, categories, f"{source}: annotations[{index}]")
        for index, row in enumerate(document.annotations)
    )
    return GroundTruth(videos, categories, tracks)


def check_video(video: Video, place: str) -> None:
    if len(video.file_names) != video.length:
        raise InputError(
            f"{place}: expected as many file_names as frames, {video.length}, got "
            f"{len(video.file_names)}"
        )
    if video.width * video.height * video.length > MOST_PIXELS:
        raise InputError(
            f"{place}: {video.length} frames of {video.height}x{video.width} are more pixels than "
            f"can be counted, {MOST_PIXELS}; cut the video into parts"
        )


def check_unique(ids: Iterable[int], place: str) -> None:
    seen: set[int] = set()
    for index, one in enumerate(ids):
        if one in seen:
            raise InputError(f"{place}[{index}]: the id {one} is there twice")
        seen.add(one)


def true_track(
    row: Annotation, videos: Mapping[int, Video], categories: Mapping[int, Category], place: str
) -> TrueTrack:
    video = known_video(row.video_id, row.category_id, videos, categories, place)
    check_frames(len(row.segmentations), video, f"{place}.segmentations")
    check_frames(len(row.areas), video, f"{place}.areas")
    mask = join_frames(row.segmentations, video.height, video.width, f"{place}.segmentations")
    area = mean_area(row.areas)  # as the file says, whatever the masks' areas are
    return TrueTrack(row.id, row.video_id, row.category_id, bool(row.iscrowd), mask, area)


def known_video(
    video_id: int,
    category_id: int,
    videos: Mapping[int, Video],
    categories: Mapping[int, Category],
    place: str,
) -> Video:
    """Raises InputError where the ground truth has no such video or category."""
    if video_id not in videos:
        raise InputError(f"{place}: the ground truth has no video with the id {video_id}")
    if category_id not in categories:
        raise InputError(f"{place}: the ground truth has no category with the id {category_id}")
    return videos[video_id]


def check_frames(count: int, video: Video, place: str) -> None:
    if count != video.length:
        raise InputError(
            f"{place}: expected one entry for each of the {video.length} frames of video "
            f"{video.id}, got {count}"
        )


def mean_area(areas: Iterable[float | None]) -> float:
    """Of the frames in which the object is seen; 0 where it is in none."""
    seen = [area for area in areas if area]
    return sum(seen) / len(seen) if seen else 0.0

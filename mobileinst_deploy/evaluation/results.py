"""Tracks that were found, in YouTube-VIS's layout of results, checked against the ground truth."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from mobileinst_deploy.evaluation.documents import ResultRow, decode_document, read_file
from mobileinst_deploy.evaluation.ground_truth import (
    GroundTruth,
    check_frames,
    known_video,
    mean_area,
)
from mobileinst_deploy.evaluation.video_masks import VideoMask, join_frames


@dataclass(frozen=True)
class FoundTrack:
    video_id: int
    category_id: int
    score: float
    mask: VideoMask
    area: float  # the mean of its frames' areas, of those in which it is seen


def load_results(path: Path, truth: GroundTruth) -> tuple[FoundTrack, ...]:
    """Raises InputError, with the file and the place, where it does not fit the ground truth.

    So does a track of fewer frames than its video, which the official evaluator compares with the
    video's beginning only.
    """
    return parse_results(read_file(path), truth, str(path))


def check_results(rows: object, truth: GroundTruth, source: str) -> tuple[FoundTrack, ...]:
    """Of a list of dicts; else as `load_results`."""
    return parse_results(msgspec.json.encode(rows), truth, source)


def parse_results(encoded: bytes, truth: GroundTruth, source: str) -> tuple[FoundTrack, ...]:
    what = f"{source} is no list of results in the layout of YouTube-VIS"
    rows = decode_document(encoded, tuple[ResultRow, ...], what)
    return tuple(found_track(row, truth, f"{source}: [{index}]") for index, row in enumerate(rows))


def found_track(row: ResultRow, truth: GroundTruth, place: str) -> FoundTrack:
    video = known_video(row.video_id, row.category_id, truth.videos, truth.categories, place)
    check_frames(len(row.segmentations), video, f"{place}.segmentations")
    mask = join_frames(row.segmentations, video.height, video.width, f"{place}.segmentations")
    return FoundTrack(row.video_id, row.category_id, row.score, mask, mean_area(mask.frame_areas))

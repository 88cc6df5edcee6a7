"""Tracks of a bundle, held against ground truth."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mobileinst_deploy.evaluation.clips import Clip
from mobileinst_deploy.evaluation.ground_truth import GroundTruth
from mobileinst_deploy.evaluation.results import FoundTrack, check_results
from mobileinst_deploy.tracking.frames import TrackSummary
from mobileinst_deploy.tracking.results import Collector, to_ytvis
from models.categories import Category


@dataclass(frozen=True)
class Judge:
    """What tracks are held against."""

    truth: GroundTruth
    categories: Sequence[Category]  # of the network's classes, with the ground truth's ids


def found_tracks(
    judge: Judge, clip: Clip, collector: Collector, summaries: Iterable[TrackSummary]
) -> tuple[FoundTrack, ...]:
    """Of a video whose frames the collector has; checked as a file's are."""
    result = collector.result(summaries, judge.categories, clip.video_id)
    return check_results(to_ytvis([result]), judge.truth, f"tracks of {clip.name}")

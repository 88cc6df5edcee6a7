"""Tracks of a bundle, held against ground truth, and which of its categories a class is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from export.manifest import Bundle
from mobileinst_deploy.errors import InputError
from mobileinst_deploy.evaluation import documents
from mobileinst_deploy.evaluation.clips import Clip
from mobileinst_deploy.evaluation.ground_truth import GroundTruth
from mobileinst_deploy.evaluation.results import FoundTrack, check_results
from mobileinst_deploy.tracking.categories import bundle_categories
from mobileinst_deploy.tracking.frames import TrackSummary
from mobileinst_deploy.tracking.results import Collector, to_ytvis
from models.categories import Category

NOT_JUDGED = -1  # the id of a class that the ground truth has no category for


@dataclass(frozen=True)
class Judge:
    """What tracks are held against."""

    truth: GroundTruth
    categories: Sequence[Category]  # of the network's classes, with the ground truth's ids


def judged_categories(
    bundle: Bundle, categories: Mapping[int, documents.Category], source: str
) -> tuple[Category, ...]:
    """Of the network's classes, in the order of the logits, with the ground truth's ids.

    By name, where the bundle's classes have all of the ground truth's names; a class that it lacks
    is not judged. Otherwise by ascending id, if the bundle does not say what it was trained on.
    Raises InputError where it does, or where their number differs.
    """
    own = bundle_categories(bundle)
    by_name = {one.name: one.id for one in categories.values()}
    if len(by_name) == len(categories) and by_name.keys() <= {one.name for one in own}:
        return tuple(Category(by_name.get(one.name, NOT_JUDGED), one.name) for one in own)
    if bundle.manifest.model.categories:
        names = ", ".join(one.name for one in own)
        raise InputError(
            f"{source} has categories that the bundle's network was not trained on, or two of a "
            f"name; it knows {names}"
        )
    if len(categories) != len(own):
        raise InputError(
            f"{source} has {len(categories)} categories, but the bundle's network has {len(own)}, "
            "under other names; give the data that it was trained for"
        )
    return tuple(Category(number, one.name) for number, one in sorted(categories.items()))


def found_tracks(
    judge: Judge, clip: Clip, collector: Collector, summaries: Iterable[TrackSummary]
) -> tuple[FoundTrack, ...]:
    """Of a video whose frames the collector has; checked as a file's are."""
    result = collector.result(summaries, judge.categories, clip.video_id)
    rows = [row for row in to_ytvis([result]) if row["category_id"] != NOT_JUDGED]
    return check_results(rows, judge.truth, f"tracks of {clip.name}")

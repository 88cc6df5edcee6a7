"""What was found becomes scores: with the data set's categories, or with all of them as one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from mobileinst_deploy.evaluation.coco import evaluate_pictures
from mobileinst_deploy.evaluation.documents import Category
from mobileinst_deploy.evaluation.ground_truth import GroundTruth
from mobileinst_deploy.evaluation.identities import identity_scores
from mobileinst_deploy.evaluation.picture_truth import PictureTruth
from mobileinst_deploy.evaluation.report import Evaluated, Outcome, Row, make_rows
from mobileinst_deploy.evaluation.results import FoundTrack
from mobileinst_deploy.evaluation.scores import FoundObject
from mobileinst_deploy.evaluation.ytvis import evaluate

ANY = Category(1, "any")
ONE_CATEGORY = {ANY.id: ANY}


@dataclass(frozen=True)
class Scoring:
    identities: bool = False  # of videos: HOTA and IDF1 as well
    class_agnostic: bool = False  # all categories count as one


def tracks_of_any(
    truth: GroundTruth, found: Sequence[FoundTrack]
) -> tuple[GroundTruth, tuple[FoundTrack, ...]]:
    """Both with `ANY` as their one category; all else is kept."""
    true = tuple(replace(track, category_id=ANY.id) for track in truth.tracks)
    alike = tuple(replace(track, category_id=ANY.id) for track in found)
    return replace(truth, categories=ONE_CATEGORY, tracks=true), alike


def objects_of_any(
    truth: PictureTruth, found: Sequence[FoundObject]
) -> tuple[PictureTruth, tuple[FoundObject, ...]]:
    """Both with `ANY` as their one category; all else is kept."""
    true = tuple(replace(one, category_id=ANY.id) for one in truth.objects)
    alike = tuple(replace(one, category_id=ANY.id) for one in found)
    return replace(truth, categories=ONE_CATEGORY, objects=true), alike


def track_outcome(
    of: Evaluated, truth: GroundTruth, tracks: Sequence[FoundTrack], scoring: Scoring
) -> Outcome:
    if scoring.class_agnostic:
        truth, tracks = tracks_of_any(truth, tracks)
    kept = identity_scores(truth, tracks) if scoring.identities else None
    return Outcome(of, len(tracks), evaluate(truth, tracks), kept)


def picture_outcome(
    of: Evaluated, truth: PictureTruth, masks: Sequence[FoundObject], scoring: Scoring
) -> Outcome:
    if scoring.class_agnostic:
        truth, masks = objects_of_any(truth, masks)
    return Outcome(of, len(masks), evaluate_pictures(truth, masks))


def scored_rows(
    outcomes: Iterable[Outcome], categories: Mapping[int, Category], scoring: Scoring
) -> tuple[Row, ...]:
    """`categories`: the ground truth's."""
    return make_rows(outcomes, ONE_CATEGORY if scoring.class_agnostic else categories)

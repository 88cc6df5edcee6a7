"""From ground truth, and a bundle or a file of results, to a report."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from export.manifest import MANIFEST_NAME, Bundle, digest
from mobileinst_deploy.errors import InputError
from mobileinst_deploy.evaluation.clips import first_videos, truth_clips
from mobileinst_deploy.evaluation.detecting import DetectionSettings
from mobileinst_deploy.evaluation.documents import read_file
from mobileinst_deploy.evaluation.ground_truth import GroundTruth, parse_ground_truth
from mobileinst_deploy.evaluation.judging import Judge, judged_categories
from mobileinst_deploy.evaluation.layout import Layout, find_layout
from mobileinst_deploy.evaluation.picture_results import load_picture_results
from mobileinst_deploy.evaluation.picture_runs import detect_pictures
from mobileinst_deploy.evaluation.picture_truth import (
    PictureTruth,
    first_images,
    parse_picture_truth,
)
from mobileinst_deploy.evaluation.report import (
    SCHEMA_VERSION,
    Evaluated,
    EvaluationReport,
    Outcome,
    TruthFacts,
)
from mobileinst_deploy.evaluation.results import load_results
from mobileinst_deploy.evaluation.scoring import (
    Scoring,
    picture_outcome,
    scored_rows,
    track_outcome,
)
from mobileinst_deploy.evaluation.video_runs import Progress, Setup, track_videos
from mobileinst_deploy.runtimes.base import Runtime
from mobileinst_deploy.tracking.settings import TrackingSettings


@dataclass(frozen=True)
class TruthFile:
    """Ground truth of either layout, and the file that it is from."""

    path: Path
    sha256: str
    layout: Layout
    truth: GroundTruth | PictureTruth


def open_truth(path: Path, first: int | None = None) -> TruthFile:
    """`first`: so many of its videos or images alone.

    Raises InputError where it can't be read, contradicts itself, or has nothing to find.
    """
    encoded = read_file(path)
    layout, sha256 = find_layout(encoded, str(path)), hashlib.sha256(encoded).hexdigest()
    truth: GroundTruth | PictureTruth
    if layout == "youtube-vis":
        truth = first_videos(parse_ground_truth(encoded, str(path)), first)
    else:
        truth = first_images(parse_picture_truth(encoded, str(path)), first)
    if not to_find(truth):
        part = "" if first is None else f" in the first {first}"
        raise InputError(
            f"{path} has nothing to find{part}: no annotation that is not a crowd, so no score"
        )
    return TruthFile(path, sha256, layout, truth)


def to_find(truth: GroundTruth | PictureTruth) -> int:
    objects = truth.tracks if isinstance(truth, GroundTruth) else truth.objects
    return sum(not one.crowd for one in objects)


def evaluate_bundle_on_videos(
    bundle: Bundle,
    setups: Sequence[Setup],
    file: TruthFile,
    pictures: Path,
    settings: TrackingSettings,
    progress: Progress,
    scoring: Scoring,
) -> EvaluationReport:
    """Raises InputError where a picture can't be read, BundleError, RunError."""
    truth = file.truth
    assert isinstance(truth, GroundTruth)
    judge = Judge(truth, judged_categories(bundle, truth.categories, str(file.path)))
    clips = truth_clips(truth, pictures)
    found = track_videos(bundle, setups, clips, judge, settings, progress)
    outcomes = [
        track_outcome(of_runtime(setup.runtime, setup.interval), truth, tracks, scoring)
        for setup, tracks in found.items()
    ]
    return bundle_report(bundle, file, settings, outcomes, scoring)


def evaluate_bundle_on_pictures(
    bundle: Bundle,
    runtimes: Sequence[Runtime],
    file: TruthFile,
    pictures: Path,
    settings: DetectionSettings,
    progress: Progress,
    scoring: Scoring,
) -> EvaluationReport:
    """Raises InputError where a picture can't be read, BundleError, RunError."""
    truth = file.truth
    assert isinstance(truth, PictureTruth)
    categories = judged_categories(bundle, truth.categories, str(file.path))
    found = detect_pictures(bundle, runtimes, truth, pictures, categories, settings, progress)
    outcomes = [
        picture_outcome(of_runtime(runtime), truth, masks, scoring)
        for runtime, masks in found.items()
    ]
    return bundle_report(bundle, file, settings, outcomes, scoring)


def evaluate_results(results: Path, file: TruthFile, scoring: Scoring) -> EvaluationReport:
    """Raises InputError where the results do not fit the ground truth."""
    truth = file.truth
    if isinstance(truth, GroundTruth):
        outcome = track_outcome(Evaluated(), truth, load_results(results, truth), scoring)
    else:
        masks = load_picture_results(results, truth)
        outcome = picture_outcome(Evaluated(), truth, masks, scoring)
    rows = scored_rows([outcome], truth.categories, scoring)
    return EvaluationReport(
        SCHEMA_VERSION, results.name, None, facts(file), None, rows, scoring.class_agnostic
    )


def of_runtime(runtime: Runtime, interval: int | None = None) -> Evaluated:
    return Evaluated(runtime.name, runtime.version(), runtime.precision, interval)


def bundle_report(
    bundle: Bundle,
    file: TruthFile,
    settings: TrackingSettings | DetectionSettings,
    outcomes: Iterable[Outcome],
    scoring: Scoring,
) -> EvaluationReport:
    return EvaluationReport(
        SCHEMA_VERSION,
        bundle.path.resolve().name,
        digest(bundle.path / MANIFEST_NAME),
        facts(file),
        settings,
        scored_rows(outcomes, file.truth.categories, scoring),
        scoring.class_agnostic,
    )


def facts(file: TruthFile) -> TruthFacts:
    truth = file.truth
    videos, pictures = None, 0
    if isinstance(truth, GroundTruth):
        videos, pictures = len(truth.videos), sum(one.length for one in truth.videos.values())
    else:
        pictures = len(truth.images)
    return TruthFacts(file.path.name, file.sha256, file.layout, videos, pictures, to_find(truth))

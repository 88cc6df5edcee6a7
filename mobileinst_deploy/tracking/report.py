"""What a tracking run found and cost, in a few figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from mobileinst_deploy.tracking.frames import StepTimes, TrackSummary
from mobileinst_deploy.tracking.run import TrackingRun
from mobileinst_deploy.tracking.settings import ScheduleSettings, TrackingSettings
from models.categories import Category


@dataclass(frozen=True)
class Conditions:
    """What ran, and on what."""

    source: str
    height: int  # of its pictures
    width: int
    bundle: str
    model: str
    trained: bool
    runtime: str
    runtime_version: str
    precision: str
    threads: int
    core: str | None  # pinned to it; None: wherever the system puts it
    device: str | None  # a phone's serial; None: this machine
    reuse: str  # the graph for the frames in between
    schedule: ScheduleSettings
    settings: TrackingSettings


@dataclass(frozen=True)
class StepCost:
    """Medians over the frames of one kind, in ms; decoding and drawing are not in them."""

    frames: int
    preprocess_ms: float
    graphs_ms: float
    tracker_ms: float
    masks_ms: float
    total_ms: float


@dataclass(frozen=True)
class FoundTrack:
    identity: int
    category_id: int
    category: str
    score: float
    frames: int  # in which it has pixels


@dataclass(frozen=True)
class TrackingReport:
    conditions: Conditions
    frames: int
    keyframes: int
    keyframe: StepCost | None  # None where there was none
    in_between: StepCost | None
    mean_ms: float  # a frame, over both kinds
    fps: float  # 1000 / mean_ms
    tracker_share: float | None  # of the reuse graph's time, in the frames in between
    elapsed_s: float  # decoding, drawing and writing included
    best_score: float | None  # of all queries in all keyframes; None where the runtime hides it
    tracks: tuple[FoundTrack, ...]


def make_report(
    run: TrackingRun, conditions: Conditions, categories: Sequence[Category]
) -> TrackingReport:
    """Of a run of at least one frame."""
    keyframe = cost([step.times for step in run.steps if step.is_keyframe])
    in_between = cost([step.times for step in run.steps if not step.is_keyframe])
    mean_ms = fmean(step.times.total_ms for step in run.steps)
    return TrackingReport(
        conditions=conditions,
        frames=len(run.steps),
        keyframes=keyframe.frames if keyframe else 0,
        keyframe=keyframe,
        in_between=in_between,
        mean_ms=mean_ms,
        fps=1000 / mean_ms,
        tracker_share=share(in_between),
        elapsed_s=run.elapsed_s,
        best_score=run.best_score,
        tracks=tuple(found(summary, categories) for summary in run.summaries),
    )


def cost(steps: Sequence[StepTimes]) -> StepCost | None:
    if not steps:
        return None
    return StepCost(
        frames=len(steps),
        preprocess_ms=median(step.preprocess_ms for step in steps),
        graphs_ms=median(step.graphs_ms for step in steps),
        tracker_ms=median(step.tracker_ms for step in steps),
        masks_ms=median(step.masks_ms for step in steps),
        total_ms=median(step.total_ms for step in steps),
    )


def share(in_between: StepCost | None) -> float | None:
    """None where no kernel was reused."""
    if in_between is None or in_between.graphs_ms == 0:
        return None
    return in_between.tracker_ms / in_between.graphs_ms


def found(summary: TrackSummary, categories: Sequence[Category]) -> FoundTrack:
    category = categories[summary.label]
    return FoundTrack(summary.identity, category.id, category.name, summary.score, summary.frames)


def why_nothing(report: TrackingReport) -> str | None:
    """A line on what stood in the way, where no frame has a track; else None."""
    if report.tracks:
        return None
    return (
        f"Nothing was tracked in {report.frames} frames, {report.keyframes} of them keyframes: "
        f"{obstacle(report.conditions.settings, report.best_score)}"
    )


def obstacle(settings: TrackingSettings, best: float | None) -> str:
    option = "score" if settings.score >= settings.birth else "birth"
    needed = max(settings.score, settings.birth)
    no_pixel = f"no mask has a pixel above {settings.mask:g}"
    if best is None:
        return f"no score reaches {needed:g} (--{option}), or {no_pixel} (--mask)"
    if best < needed:
        return f"the best score was {best:.3f}, and a track begins at {needed:g} (--{option})"
    return f"the best score was {best:.3f}, but {no_pixel} (--mask)"

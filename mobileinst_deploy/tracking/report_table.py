"""A tracking report as text and tables of at most 80 columns."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from mobileinst_deploy.bench.cells import numeric_table, show_ms
from mobileinst_deploy.tracking.report import Conditions, StepCost, TrackingReport
from mobileinst_deploy.tracking.settings import ScheduleSettings

TRACKS = ("identity", "class", "score", "frames")
COSTS = ("median ms", "frames", "preprocess", "graphs", "tracker", "masks", "total")


def render(report: TrackingReport) -> RenderableType:
    return Group(*sections(report))


def sections(report: TrackingReport) -> Iterator[RenderableType]:
    if report.tracks:
        yield numeric_table(f"Tracks in {report.conditions.source}", TRACKS, track_rows(report))
    kinds = {"keyframe": report.keyframe, "in between": report.in_between}
    yield numeric_table(
        "Cost of a frame", COSTS, [cost_row(name, cost) for name, cost in kinds.items() if cost]
    )
    yield Text("\n".join((*totals(report), *circumstances(report.conditions))))


def track_rows(report: TrackingReport) -> list[tuple[str, ...]]:
    return [
        (str(track.identity), track.category, f"{track.score:.3f}", str(track.frames))
        for track in report.tracks
    ]


def cost_row(name: str, cost: StepCost) -> tuple[str, ...]:
    parts = (cost.preprocess_ms, cost.graphs_ms, cost.tracker_ms, cost.masks_ms, cost.total_ms)
    return (name, str(cost.frames), *map(show_ms, parts))


def totals(report: TrackingReport) -> Iterator[str]:
    yield (
        f"{report.frames} frames, {report.keyframes} of them keyframes; "
        f"{report.mean_ms:.1f} ms a frame on average, {report.fps:.2f} frames/s"
    )
    if report.tracker_share is not None:
        yield f"The tracker takes {report.tracker_share:.2%} of the reuse graph's time"
    yield f"{report.elapsed_s:.1f} s in all, with decoding and writing"


def circumstances(conditions: Conditions) -> Iterator[str]:
    weights = "" if conditions.trained else ", untrained weights"
    yield f"{conditions.model}{weights}; pictures of {conditions.width}x{conditions.height}"
    threads = "1 thread" if conditions.threads == 1 else f"{conditions.threads} threads"
    yield (
        f"{conditions.runtime} {conditions.runtime_version}, {conditions.precision}, {threads}, "
        f"{place(conditions)}"
    )
    settings = conditions.settings
    yield (
        f"{schedule(conditions.schedule)}; {conditions.reuse}; score {settings.score:g}, "
        f"birth {settings.birth:g}, similarity {settings.similarity:g}, "
        f"duplicate {settings.duplicate:g}"
    )


def place(conditions: Conditions) -> str:
    core = "any core" if conditions.core is None else f"core {conditions.core}"
    return f"{core} of {conditions.device or 'this machine'}"


def schedule(settings: ScheduleSettings) -> str:
    if settings.adaptive:
        return f"a keyframe every {settings.shortest} to {settings.longest} frames"
    return f"T = {settings.longest}"

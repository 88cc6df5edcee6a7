"""A curve as text and tables; nothing here measures or prints."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from android_bench.measurement.results import Conditions
from mobileinst_deploy.bench.cells import numeric_table, show_interval, show_ms, show_ratio
from mobileinst_deploy.bench.circumstances import clock_line, settings_line
from mobileinst_deploy.curve.result import CurveResult, Point, RuntimeCurve

COSTS = (
    *("T", "graphs", "x T=1", "95 % interval", "preprocess", "tracker", "masks"),
    *("total", "x T=1", "95 % interval"),
)
PARTS = ("T", "keyframes", "keyframe", "reuse", "tracker / reuse")
AGREEMENT = ("T", "mask IoU", "found", "extra", "switches", "per 100 frames")
SCORES = ("T", "AP", "AP50", "AP75", "AR1", "AR10")


def render(result: CurveResult) -> RenderableType:
    return Group(*sections(result))


def sections(result: CurveResult) -> Iterator[RenderableType]:
    for name, curve in result.runtimes.items():
        yield from runtime_tables(f"{result.bundle} in {name}", curve)
    yield Text(conditions_line(result))
    yield Text(clock_line(result.conditions))
    if result.conditions.busy_elsewhere is not None:
        yield Text(f"Other cores were busy {result.conditions.busy_elsewhere:.0%} of the time.")
    if result.conditions.runtime_settings:
        yield Text(f"Told: {settings_line(result.conditions.runtime_settings)}")
    yield Text(thresholds_line(result))
    yield from (Text(f"Warning: {warning}") for warning in result.warnings)


def runtime_tables(title: str, curve: RuntimeCurve) -> Iterator[RenderableType]:
    points = curve.points.items()
    yield numeric_table(
        f"{title}: mean cost of a frame in ms, one in T being a keyframe",
        COSTS,
        [(name, *cost_cells(point)) for name, point in points],
    )
    yield Text(f"{noise_line(curve)}\n")
    yield numeric_table(
        "Medians in ms of the graphs alone",
        PARTS,
        [(name, *part_cells(point)) for name, point in points],
    )
    yield numeric_table(
        "Agreement with T = 1", AGREEMENT, [(name, *agreement_cells(p)) for name, p in points]
    )
    if any(point.scores for _, point in points):
        rows = [(name, *score_cells(point)) for name, point in points]
        yield numeric_table("Against the ground truth, in percent", SCORES, rows)


def cost_cells(point: Point) -> tuple[str, ...]:
    return (
        show_ms(point.graphs.ms),
        show_ratio(point.graphs.ratio),
        show_interval(point.graphs.ratio_ci95),
        show_ms(point.preprocess_ms),
        show_ms(point.tracker_ms),
        show_ms(point.masks_ms),
        show_ms(point.total.ms),
        show_ratio(point.total.ratio),
        show_interval(point.total.ratio_ci95),
    )


def part_cells(point: Point) -> tuple[str, ...]:
    return (
        f"{point.keyframes} of {len(point.samples.keyframes)}",
        show_ms(point.key_graphs_ms),
        show_ms(point.reuse_graphs_ms),
        "-" if point.tracker_share is None else f"{point.tracker_share:.1%}",
    )


def agreement_cells(point: Point) -> tuple[str, ...]:
    agreed = point.agreement
    return (
        show_ratio(agreed.mask_iou),
        show_ratio(agreed.found),
        show_ratio(agreed.extra),
        str(agreed.switches),
        f"{agreed.switches_per_100_frames:.1f}",
    )


def score_cells(point: Point) -> tuple[str, ...]:
    scores = point.scores
    if scores is None:
        return ("-",) * (len(SCORES) - 1)
    shown = (scores.ap, scores.ap50, scores.ap75, scores.ar1, scores.ar10)
    return tuple("-" if value is None else f"{100 * value:.1f}" for value in shown)


def noise_line(curve: RuntimeCurve) -> str:
    graphs, total = curve.graphs_noise, curve.total_noise
    return (
        f"Noise floor: T = 1, walked twice, differed by {graphs.difference:.1%} in the graphs and "
        f"{total.difference:.1%} in all; below {graphs.upper:.1%} and {total.upper:.1%} nothing "
        "can be told apart here."
    )


def conditions_line(result: CurveResult) -> str:
    conditions = result.conditions
    return (
        f"{cpu(conditions)}, core {conditions.core}, 1 thread, {conditions.precision}, "
        f"{versions(result)}; {conditions.inputs}, after "
        f"{conditions.warmup} frames to warm up"
    )


def versions(result: CurveResult) -> str:
    """Of several runtimes, the versions have the packages' names with them."""
    conditions = result.conditions
    alone = len(result.runtimes) == 1
    return (
        f"{conditions.runtime} {conditions.runtime_version}"
        if alone
        else (conditions.runtime_version)
    )


def cpu(conditions: Conditions) -> str:
    return conditions.cpu_model or "unknown CPU"


def thresholds_line(result: CurveResult) -> str:
    own = result.tracking
    return (
        f"Tracker: score {own.score:g}, birth {own.birth:g}, similarity {own.similarity:g}, "
        f"memory {own.memory}, mask {own.mask:g}, duplicate {own.duplicate:g}"
    )

"""What `mobileinst eval` does: run a bundle or read results, score, print."""

from pathlib import Path

import click

from export.manifest import open_bundle
from mobileinst_deploy.cli.curve_options import intervals
from mobileinst_deploy.cli.eval_options import Asked, check_layout, runtimes_of
from mobileinst_deploy.cli.output import note, stdout_console
from mobileinst_deploy.cli.progress import fraction
from mobileinst_deploy.evaluation.detecting import DetectionSettings
from mobileinst_deploy.evaluation.evaluating import (
    TruthFile,
    evaluate_bundle_on_pictures,
    evaluate_bundle_on_videos,
    evaluate_results,
    open_truth,
)
from mobileinst_deploy.evaluation.identities import load_trackeval
from mobileinst_deploy.evaluation.report import EvaluationReport, encode
from mobileinst_deploy.evaluation.scoring import Scoring
from mobileinst_deploy.evaluation.table import head, render
from mobileinst_deploy.evaluation.video_runs import Setup
from mobileinst_deploy.tracking.settings import TrackingSettings


def run_eval(bundle: Path | None, asked: Asked) -> EvaluationReport:
    """Raises what the options, the ground truth, the bundle and its runtimes raise."""
    if bundle is not None:
        return run_bundle(bundle, asked)
    assert asked.results is not None
    return evaluate_results(asked.results, fitting_truth(asked), scoring_of(asked))


def run_bundle(path: Path, asked: Asked) -> EvaluationReport:
    assert asked.pictures is not None
    runtimes, steps = runtimes_of(asked), intervals(asked.keyframe_interval)
    bundle = open_bundle(path)
    file, scoring = fitting_truth(asked), scoring_of(asked)
    with fraction("eval") as progress:
        if file.layout == "coco":
            detection = DetectionSettings(mask=asked.mask)
            return evaluate_bundle_on_pictures(
                bundle, runtimes, file, asked.pictures, detection, progress, scoring
            )
        setups = [Setup(runtime, interval) for runtime in runtimes for interval in steps]
        tracking = TrackingSettings(
            asked.score,
            asked.birth,
            asked.similarity,
            asked.memory,
            asked.mask,
            asked.duplicate,
        )
        return evaluate_bundle_on_videos(
            bundle, setups, file, asked.pictures, tracking, progress, scoring
        )


def fitting_truth(asked: Asked) -> TruthFile:
    """Raises UsageError where an option is for the other layout, InputError."""
    file = open_truth(asked.ground_truth, asked.videos or asked.images)
    check_layout(file.layout)
    if asked.hota:
        load_trackeval()  # or it would be missed after the work
    return file


def scoring_of(asked: Asked) -> Scoring:
    return Scoring(identities=asked.hota, class_agnostic=asked.class_agnostic)


def show(report: EvaluationReport, output_format: str, per_category: bool) -> None:
    if output_format == "json":
        click.echo(encode(report), nl=False)
    else:
        stdout_console().print(render(report, per_category))


def has_dropped(report: EvaluationReport, max_drop: float | None) -> bool:
    """Whether an AP lies too far below the first one's; says which."""
    if max_drop is None:
        return False
    drops = {head(row): -(row.ap_difference or 0.0) for row in report.rows}
    for name, drop in drops.items():
        if drop > max_drop:
            first = report.rows[0].of.runtime
            note(f"{name}: AP is {drop:.2f} points below {first}'s, more than {max_drop:g}")
    return max(drops.values()) > max_drop

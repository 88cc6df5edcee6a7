"""`mobileinst curve`: latency and quality over the keyframe interval T."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mobileinst_deploy.cli.curve_options import (
    Asked,
    asked_for,
    check_outputs,
    curve_options,
    in_this_process,
    settings_of,
    source_options,
    tracking_options,
)
from mobileinst_deploy.cli.output import format_option, note, stdout_console

if TYPE_CHECKING:
    from export.manifest import Bundle
    from mobileinst_deploy.curve.result import CurveResult
    from mobileinst_deploy.evaluation.clips import Clip
    from mobileinst_deploy.evaluation.judging import Judge

FILM = "tracked.mp4"

output_option = click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Save the curve with every sample, as JSON.",
)
plot_option = click.option(
    "--plot",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Draw it, as .png or .svg.",
)


@click.command()
@click.argument("bundle", type=click.Path(path_type=Path))
@source_options
@curve_options
@tracking_options
@format_option
@output_option
@plot_option
@click.option("--overwrite", is_flag=True, help="Replace FILE if it is there.")
def curve(
    bundle: Path,
    output_format: str,
    output: Path | None,
    plot: Path | None,
    overwrite: bool,
    **options: Any,
) -> None:
    """Measure what a frame costs over the keyframe interval T, and how good its masks stay.

    A tracker for each T and runtime walks the same frames on one core; each frame goes to all of
    them before the next one comes, so that whatever slows the machine slows all. T = 1 walks
    twice: what lies between the two is the noise floor.

    \b
    Example: how far 60 frames of a video agree with T = 1, with a picture of it.
      mobileinst curve out/base --video street.mp4 -o curve.json --plot curve.png
    AP as well, with a network that knows the categories of the data set, in two runtimes:
      mobileinst curve out/base --ground-truth clips/instances.json --pictures clips/JPEGImages \\
        --runtime ncnn,onnxruntime
    """
    asked = asked_for(options)
    settings, runtimes = settings_of(asked), in_this_process(asked.runtime)
    check_outputs(output, plot, overwrite)
    from export.manifest import open_bundle
    from mobileinst_deploy.cli.bars import progress_bars
    from mobileinst_deploy.curve.measuring import measure_curve

    opened = open_bundle(bundle)
    clips, judge = sources_of(opened, asked)
    with progress_bars() as bar:
        result = measure_curve(opened, runtimes, clips, settings, judge, bar("walking"))
    save(result, output, plot)  # first, since printing fails where a pipe is closed
    PRINTERS[output_format](result)
    if asked.video is not None:
        note(f"Next: {shlex.join(['mobileinst', 'track', str(bundle), asked.video, '-o', FILM])}")


def sources_of(bundle: "Bundle", asked: Asked) -> "tuple[tuple[Clip, ...], Judge | None]":
    """Raises InputError where they can't be read."""
    from mobileinst_deploy.evaluation.clips import first_videos, truth_clips, video_clip
    from mobileinst_deploy.evaluation.ground_truth import load_ground_truth
    from mobileinst_deploy.evaluation.judging import Judge, judged_categories

    if asked.video is not None:
        return (video_clip(asked.video, asked.frames, asked.start),), None
    assert asked.ground_truth is not None
    assert asked.pictures is not None
    truth = first_videos(load_ground_truth(asked.ground_truth), asked.videos)
    categories = judged_categories(bundle, truth.categories, str(asked.ground_truth))
    return truth_clips(truth, asked.pictures), Judge(truth, categories)


def save(result: "CurveResult", output: Path | None, plot: Path | None) -> None:
    from mobileinst_deploy.curve import result as results

    if output is not None:
        results.save(result, output)
        note(f"Saved {output}")
    if plot is not None:
        from mobileinst_deploy.curve.plot import save_plot

        save_plot(result, plot)
        note(f"Saved {plot}")


def print_tables(result: "CurveResult") -> None:
    from mobileinst_deploy.curve.table import render

    stdout_console().print(render(result))


def print_json(result: "CurveResult") -> None:
    """As it is saved."""
    from mobileinst_deploy.curve.result import encode

    click.echo(encode(result), nl=False)


PRINTERS = {"table": print_tables, "json": print_json}

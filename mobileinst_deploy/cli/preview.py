"""`mobileinst preview`: look at a bundle's masks."""

from pathlib import Path

import click

from mobileinst_deploy.cli.output import check_output, note


@click.command()
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option(
    "--video",
    metavar="FILE",
    type=click.Path(path_type=Path),
    required=True,
    help="Where the frames come from.",
)
@click.option(
    "--frame",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="The keyframe's index in the video.",
)
@click.option(
    "--later",
    type=click.IntRange(1, 100),
    default=2,
    show_default=True,
    help="Draw the same kernels on the frame that comes so much later.",
)
@click.option(
    "--shown", type=click.IntRange(1, 100), default=4, show_default=True, help="How many masks."
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The picture, .png or .jpg.",
)
@click.option("--overwrite", is_flag=True, help="Replace FILE if it is there.")
def preview(
    bundle: Path,
    video: Path,
    frame: int,
    later: int,
    shown: int,
    output: Path,
    overwrite: bool,
) -> None:
    """Run BUNDLE in ONNX Runtime on two frames of a video and draw its best masks.

    The first is a keyframe; the second reuses its kernels through the folded reuse graph.

    \b
    Example:
      mobileinst preview out/base --video street.mp4 --frame 30 -o street.png
    """
    from export.manifest import open_bundle
    from mobileinst_deploy.preview import ENDINGS, draw_preview, save_picture
    from mobileinst_deploy.runtimes.artifacts import ONNXRUNTIME
    from mobileinst_deploy.video import read_run

    if output.suffix.lower() not in ENDINGS:
        expected = " or ".join(ENDINGS)
        raise click.BadParameter(f"{output} has to end in {expected}", param_hint="--output")
    check_output(output, overwrite)
    opened = open_bundle(bundle)
    frames = read_run(video, later + 1, frame)
    save_picture(draw_preview(opened, ONNXRUNTIME, frames[0], frames[-1], shown), output)
    note(f"Saved {output}")

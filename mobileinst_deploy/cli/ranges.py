"""`mobileinst ranges`: can float16 hold what a bundle's graphs compute?"""

import shlex
from pathlib import Path

import click

from mobileinst_deploy.cli.output import format_option, note, stdout_console


@click.command()
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option(
    "--video",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Frames of this video, spread over it; without it the bundle's golden frames.",
)
@click.option(
    "--frames",
    type=click.IntRange(1, 1000),
    show_default="4 of a video, or all golden ones",
    help="How many frames to run.",
)
@click.option("--graph", metavar="NAME", help="Only this graph of the bundle.")
@format_option
def ranges(
    bundle: Path, video: Path | None, frames: int | None, graph: str | None, output_format: str
) -> None:
    """Find what float16 can't hold in the graphs of BUNDLE: each tensor's range on real frames.

    float16 ends at 65504 and loses bits below 6e-5. The table has the riskiest tensors, JSON has
    all. Exit code 1 where a tensor, or a sum inside an operation, overflows.

    \b
    Example: 8 frames of a video, and the keyframe's graph alone.
      mobileinst ranges out/base --video street.mp4 --frames 8 --graph keyframe
    """
    import msgspec

    from export.manifest import open_bundle
    from mobileinst_deploy.cli.progress import steps
    from mobileinst_deploy.ranges import find_ranges, render

    opened = open_bundle(bundle)
    names = [graph] if graph else list(opened.manifest.graphs)
    with steps("ranges", len(names) + 1) as step:
        report = find_ranges(opened, names, video, frames, step)
    if output_format == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(report), indent=2))
    else:
        stdout_console().print(render(report))
    if report.verdict == "fail":
        raise SystemExit(1)
    note(f"Next: {shlex.join(['mobileinst', 'parity', str(bundle)])}")

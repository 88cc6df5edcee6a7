"""`mobileinst parity`: does a bundle compute what PyTorch computes?"""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mobileinst_deploy.cli.output import format_option, stdout_console
from mobileinst_deploy.cli.runtimes import tnn_option

if TYPE_CHECKING:
    from export.manifest import Bundle
    from mobileinst_deploy.parity.report import ParityReport
    from mobileinst_deploy.parity.run import ParityWishes


@click.command()
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option(
    "--runtimes",
    default="all",
    show_default=True,
    help="With commas between, out of those listed below; 'all' are those that the bundle has "
    "files for.",
)
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
    help="How many frames to compare.",
)
@click.option(
    "--sequence",
    type=click.IntRange(0, 1000),
    default=0,
    show_default=True,
    help="Reuse the first frame's kernels for so many frames, state handed over, and report drift.",
)
@click.option(
    "--tolerance",
    type=click.Choice(["fp32", "fp16-storage", "fp16", "int8"]),
    show_default="each runtime's precision has its own",
    help="The limits to hold every comparison to.",
)
@tnn_option
@click.option("--bisect", is_flag=True, help="Name the first tensor that differs.")
@click.option("--skip-verify", is_flag=True, help="Run files whose hash is not the manifest's.")
@format_option
def parity(
    bundle: Path,
    runtimes: str,
    video: Path | None,
    frames: int | None,
    sequence: int,
    tolerance: str | None,
    bisect: bool,
    skip_verify: bool,
    output_format: str,
) -> None:
    """Compare every graph of BUNDLE with the reference network in PyTorch, on real frames.

    The reference is the paper's literal network with the bundle's weights. Exit code 1 where an
    output is beyond the tolerance.

    \b
    Runtimes:
      torch                         the rewritten modules before export
      onnxruntime[:int8]            the ONNX files
      ncnn[:fp16-storage|:fp16]     the ncnn files, in ncnn's wheel; fp16 needs an ARMv8.2 CPU
      tnn-interpreter[:fp16-storage] the TNN files, by TNN's rules but without TNN
      tnn[:fp16-storage]            the TNN files in your TNN: see --tnn-lib

    \b
    Example: 8 frames of a video, then 5 frames with the first one's kernels.
      mobileinst parity out/base --video street.mp4 --frames 8 --sequence 5
      mobileinst parity out/base --runtimes ncnn,ncnn:fp16-storage --bisect
    """
    from export.manifest import open_bundle, read_bundle
    from mobileinst_deploy.cli.progress import steps
    from mobileinst_deploy.parity.run import run_parity

    opened = (read_bundle if skip_verify else open_bundle)(bundle)
    wishes = make_wishes(opened, runtimes, video, frames, sequence, tolerance, bisect)
    with steps("parity") as step:
        report = run_parity(opened, wishes, step)
    PRINTERS[output_format](report)
    if report.verdict == "fail":
        raise SystemExit(1)
    click.echo(f"Next: {shlex.join(['mobileinst', 'bench', str(bundle)])}", err=True)


def make_wishes(
    bundle: "Bundle",
    runtimes: str,
    video: Path | None,
    frames: int | None,
    sequence: int,
    tolerance: str | None,
    bisect: bool,
) -> "ParityWishes":
    from mobileinst_deploy.cli.runtimes import comparable
    from mobileinst_deploy.parity.frames import choose_frames, sequence_frames
    from mobileinst_deploy.parity.run import ParityWishes
    from mobileinst_deploy.parity.tolerances import TOLERANCES

    preset = next((t for name, t in TOLERANCES.items() if name == tolerance), None)
    return ParityWishes(
        comparable(bundle, runtimes),
        preset,
        choose_frames(bundle, video, frames),
        None if video else frames,
        sequence_frames(bundle, video, sequence) if sequence else (),
        bisect,
    )


def print_table(report: "ParityReport") -> None:
    from mobileinst_deploy.parity.table import render

    stdout_console().print(render(report))


def print_json(report: "ParityReport") -> None:
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(report), indent=2))


PRINTERS = {"table": print_table, "json": print_json}

"""`mobileinst parity`: does a bundle compute what PyTorch computes?"""

import shlex
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mobileinst_deploy.cli.output import format_option, note, stdout_console
from mobileinst_deploy.cli.parity_options import Asked, asked_for, comparison_options, phone_options
from mobileinst_deploy.cli.progress import steps

if TYPE_CHECKING:
    from export.manifest import Bundle
    from mobileinst_deploy.parity.phones import PhoneRows
    from mobileinst_deploy.parity.report import ParityReport
    from mobileinst_deploy.parity.run import ParityWishes, Progress


@click.command()
@click.argument("bundle", type=click.Path(path_type=Path))
@comparison_options
@phone_options
@click.option("--skip-verify", is_flag=True, help="Run files whose hash is not the manifest's.")
@format_option
def parity(bundle: Path, skip_verify: bool, output_format: str, **options: Any) -> None:
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
    The ncnn files on a phone's own CPU, in every precision; then beside this machine's runtimes.
      mobileinst parity out/base --serial 192.168.1.7:5555
      mobileinst parity out/base --serial 192.168.1.7:5555 --runtimes all
    """
    from export.manifest import open_bundle, read_bundle
    from mobileinst_deploy.parity.run import run_parity

    asked = asked_for(options)
    opened = (read_bundle if skip_verify else open_bundle)(bundle)
    wishes = make_wishes(opened, asked)
    with steps("parity") as step, opened_phones(opened, asked, step) as phones:
        report = run_parity(opened, wishes.with_phones(phones), step)
    PRINTERS[output_format](report)
    if report.verdict == "fail":
        raise SystemExit(1)
    on = [word for serial in asked.serials for word in ("--serial", serial)]
    note(f"Next: {shlex.join(['mobileinst', 'bench', str(bundle), *on])}")


def make_wishes(bundle: "Bundle", asked: Asked) -> "ParityWishes":
    """All but the phones."""
    from mobileinst_deploy.cli.runtimes import comparable
    from mobileinst_deploy.parity.frames import choose_frames, sequence_frames
    from mobileinst_deploy.parity.run import ParityWishes
    from mobileinst_deploy.parity.tolerances import TOLERANCES

    names = "all" if asked.runtimes is None and not asked.serials else asked.runtimes
    preset = next((t for name, t in TOLERANCES.items() if name == asked.tolerance), None)
    return ParityWishes(
        () if names is None else comparable(bundle, names),
        preset,
        choose_frames(bundle, asked.video, asked.frames),
        None if asked.video else asked.frames,
        sequence_frames(bundle, asked.video, asked.sequence) if asked.sequence else (),
        asked.bisect,
    )


@contextmanager
def opened_phones(
    bundle: "Bundle", asked: Asked, progress: "Progress"
) -> "Iterator[tuple[PhoneRows, ...]]":
    """Ours until the block ends, however it does."""
    if not asked.serials:
        yield ()
        return
    from android_bench.remote.session import open_session
    from mobileinst_deploy.parity.phones import PhoneWishes, open_rows

    wishes = PhoneWishes(asked.precisions, asked.core)
    with ExitStack() as sessions:
        yield tuple(
            open_rows(
                sessions.enter_context(
                    open_session(serial, asked.keys, remove_files=asked.remove_files, notify=warn)
                ),
                bundle,
                wishes,
                progress,
            )
            for serial in asked.serials
        )


def warn(line: str) -> None:
    note(f"Warning: {line}")


def print_table(report: "ParityReport") -> None:
    from mobileinst_deploy.parity.table import render

    stdout_console().print(render(report))


def print_json(report: "ParityReport") -> None:
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(report), indent=2))


PRINTERS = {"table": print_table, "json": print_json}

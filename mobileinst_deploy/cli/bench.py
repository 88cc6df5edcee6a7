"""`mobileinst bench`: how long each graph of a bundle takes on one core."""

import re
import shlex
from pathlib import Path
from typing import Any

import click

from mobileinst_deploy.cli.bench_options import (
    asked_for,
    device_options,
    phone_options,
    round_options,
)
from mobileinst_deploy.cli.bench_tnn import tnn_options
from mobileinst_deploy.cli.output import check_output, format_option, note


@click.command()
@click.argument("bundle", type=click.Path(path_type=Path))
@device_options
@round_options
@phone_options
@tnn_options
@format_option
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Save the result with every sample, as JSON; of several phones, each as FILE-SERIAL.",
)
@click.option("--overwrite", is_flag=True, help="Replace FILE if it is there.")
def bench(
    bundle: Path,
    device: str | None,
    output_format: str,
    output: Path | None,
    overwrite: bool,
    **options: Any,
) -> None:
    """Measure how long each graph of BUNDLE takes on one core.

    The graphs take turns, so that whatever slows the machine slows all of them. The keyframe graph
    takes part twice: what lies between the two is the noise floor, below which no difference
    means anything.

    \b
    Example: 50 rounds on core 1, kept with every sample.
      mobileinst bench out/topformer --core 1 --iterations 50 -o bench.json
    ncnn beside ONNX Runtime, in one interleaved run:
      mobileinst bench out/topformer --runtime ncnn,onnxruntime
    On the fastest core of a phone, with one key frame in 6 at the camera's rate:
      mobileinst bench out/topformer --serial 192.168.1.7:5555 --interval 6 --fps 30
    """
    from mobileinst_deploy.cli.bench_runs import measure_host, measure_phones

    asked = asked_for(device, options)
    outputs = output_paths(output, asked.serials)
    for path in outputs.values():
        check_output(path, overwrite)
    if asked.serials:
        measure_phones(bundle, asked, outputs, output_format)
    else:
        measure_host(bundle, asked, output, output_format)
    note(f"Next: {next_command(bundle, asked.serials, output)}")


def output_paths(output: Path | None, serials: tuple[str, ...]) -> dict[str, Path | None]:
    """By serial; bench.json for one, and bench-SERIAL.json for each of several.

    >>> output_paths(Path("out/bench.json"), ("10.0.0.2:5555", "R5CT"))["10.0.0.2:5555"]
    PosixPath('out/bench-10.0.0.2_5555.json')
    """
    if output is None or len(serials) < 2:
        return dict.fromkeys(serials or ("host",), output)
    return {serial: output.with_stem(f"{output.stem}-{safe(serial)}") for serial in serials}


def safe(serial: str) -> str:
    """As a part of a file's name."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", serial)


def next_command(bundle: Path, serials: tuple[str, ...], output: Path | None) -> str:
    """Keep the figures; or, when they are kept, see that the graphs compute the right thing."""
    if output:
        return shlex.join(["mobileinst", "parity", str(bundle)])
    on = [word for serial in serials for word in ("--serial", serial)]
    return shlex.join(["mobileinst", "bench", str(bundle), *on, "-o", "bench.json"])

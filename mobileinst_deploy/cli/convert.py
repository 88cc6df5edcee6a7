"""`mobileinst convert`: any ONNX model becomes ncnn or TNN files."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mobileinst_deploy.cli.output import format_option, stdout_console

if TYPE_CHECKING:
    from export.convert_model import Conversion


class NamedShape(click.ParamType[tuple[str, tuple[int, ...]]]):
    """NAME=1x3x224x224."""

    name = "NAME=SIDES"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, tuple[int, ...]]:
        if isinstance(value, tuple):
            return value
        match = re.fullmatch(r"(.+)=([1-9][0-9]*(?:x[1-9][0-9]*)*)", str(value))
        if not match:
            self.fail(f"{value!r} is no shape: expected one as image=1x3x224x224", param, ctx)
        return match[1], tuple(int(side) for side in match[2].split("x"))


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--target", type=click.Choice(["ncnn", "tnn"]), required=True, help="The format.")
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    type=click.Path(path_type=Path),
    required=True,
    help="The folder for the files.",
)
@click.option(
    "--shape",
    "shapes",
    type=NamedShape(),
    multiple=True,
    help="The shape of an input with free sides; once for each such input.",
)
@click.option(
    "--precision",
    type=click.Choice(["fp32", "fp16-storage"]),
    default="fp32",
    show_default=True,
    help="fp16-storage keeps the weights as float16.",
)
@click.option(
    "--inputs",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A .npz with an array for each input, to compare on; without it a photograph stands for "
    "images, and other inputs are drawn.",
)
@click.option("--overwrite", is_flag=True, help="Replace what an earlier conversion left there.")
@format_option
def convert(
    model: Path,
    target: str,
    output: Path,
    shapes: tuple[tuple[str, tuple[int, ...]], ...],
    precision: str,
    inputs: Path | None,
    overwrite: bool,
    output_format: str,
) -> None:
    """Convert MODEL, any ONNX file, run the result and compare it with ONNX Runtime.

    Nothing is written where an operator can't be converted or an output differs. TNN files are run
    by TNN's rules without TNN; docs/tnn-operators.md lists what they can have.

    \b
    Example:
      mobileinst convert detector.onnx --target tnn --shape image=1x3x416x416 -o out/detector
    """
    from export.convert_model import convert_model
    from mobileinst_deploy.cli.progress import steps
    from mobileinst_deploy.sample_frames import photograph

    with steps("convert", 1) as step:
        step(f"{model.name} to {target}")
        conversion = convert_model(
            model,
            output,
            "ncnn" if target == "ncnn" else "tnn",
            "fp32" if precision == "fp32" else "fp16-storage",
            shapes=dict(shapes),
            feed=read_inputs(inputs) if inputs else None,
            picture=photograph,
            overwrite=overwrite,
        )
    PRINTERS[output_format](conversion)


def read_inputs(path: Path) -> dict[str, Any]:
    """Raises InputError where the file is no .npz of plain arrays."""
    import zipfile
    import zlib

    import numpy as np

    from mobileinst_deploy.errors import InputError

    damaged = (EOFError, zipfile.BadZipFile, zlib.error)
    other = (ValueError, AttributeError, TypeError)  # pickled, or .npy
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (OSError, *damaged, *other) as error:
        raise InputError(f"can't read {path} as .npz with an array an input: {error}") from error


def print_table(conversion: "Conversion") -> None:
    from mobileinst_deploy.inspection import conversion_table

    stdout_console().print(conversion_table(conversion))


def print_json(conversion: "Conversion") -> None:
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(conversion), indent=2))


PRINTERS = {"table": print_table, "json": print_json}

"""`mobileinst compare`: whether a bundle became slower."""

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mobileinst_deploy.cli.output import format_option, stdout_console

if TYPE_CHECKING:  # what this imports takes longer than `--help` should
    from android_bench.measurement.comparison import Comparison

FILE = click.Path(path_type=Path)


def as_share(context: click.Context, parameter: click.Parameter, value: str) -> float:
    """A fraction, given as 0.02 or as 2%. Raises BadParameter for what is none."""
    try:
        share = float(value.removesuffix("%")) / (100 if value.endswith("%") else 1)
    except ValueError:
        share = math.nan
    if not 0 <= share < 1:
        raise click.BadParameter(f"expected a share below 100%, such as 2% or 0.02, got {value!r}")
    return share


@click.command()
@click.argument("a", type=FILE)
@click.argument("b", type=FILE)
@click.option(
    "--threshold",
    callback=as_share,
    default="3%",
    show_default=True,
    metavar="SHARE",
    help="Smaller differences don't count, however certain: 2% or 0.02.",
)
@format_option
@click.pass_context
def compare(context: click.Context, a: Path, b: Path, threshold: float, output_format: str) -> None:
    """Compare two results of `mobileinst bench -o`: A is the base, B what may be slower.

    Either may be what run.sh of `mobileinst bundle` wrote.

    A graph is slower where its ratio's interval excludes 1 and the difference exceeds the
    threshold and both runs' noise floors. Exits with 1 where any graph is slower.

    \b
    Example: the release before, and this one.
      mobileinst bench out/topformer -o after.json
      mobileinst compare before.json after.json --threshold 5%
    """
    from mobileinst_deploy.bench.compare_table import as_json, render

    comparison = compare_files(a, b, threshold)
    if output_format == "json":
        click.echo(as_json(comparison))
    else:
        stdout_console().print(render(comparison))
    context.exit(1 if comparison.regression else 0)


def compare_files(a: Path, b: Path, threshold: float) -> "Comparison":
    """Raises InputError for what is not a result of this schema, or of entirely other graphs."""
    from android_bench.errors import BenchError
    from android_bench.farm.reading import load_result
    from android_bench.measurement.comparison import compare as compare_results
    from mobileinst_deploy.errors import InputError

    try:
        return compare_results(load_result(a), load_result(b), threshold)
    except BenchError as error:
        raise InputError(str(error)) from error

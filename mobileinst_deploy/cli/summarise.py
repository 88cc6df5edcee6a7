"""`mobileinst summarise`: what a device farm measured becomes a result of bench."""

import shlex
from pathlib import Path

import click

from mobileinst_deploy.cli.output import check_output, format_option, note


@click.command()
@click.argument("result", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Save the result, as bench does.",
)
@click.option("--overwrite", is_flag=True, help="Replace FILE if it is there.")
@format_option
def summarise(result: Path, output: Path | None, overwrite: bool, output_format: str) -> None:
    """Show what run.sh of `mobileinst bundle` measured, with medians, intervals and doubts.

    RESULT is the file that run.sh wrote. The checks and the statistics are those of `bench
    --serial`, and so is what is saved. A result of bench itself is shown as it is.

    \b
    Example:
      mobileinst summarise result.json -o bench.json
    """
    from android_bench.errors import BenchError
    from android_bench.farm.reading import load_result
    from mobileinst_deploy.cli.bench_runs import PRINTERS, save
    from mobileinst_deploy.errors import InputError

    check_output(output, overwrite)
    try:
        found = load_result(result)
    except BenchError as error:
        raise InputError(str(error)) from error
    save(found, output)
    PRINTERS[output_format]([found])
    kept = output or result
    note(f"Next: {shlex.join(['mobileinst', 'compare', 'BEFORE', str(kept)])}")

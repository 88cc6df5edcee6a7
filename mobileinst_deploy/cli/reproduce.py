"""`mobileinst reproduce`: the paper's latency columns as ratios, measured again."""

import shlex
from pathlib import Path
from typing import Any

import click

from mobileinst_deploy.cli.output import check_output, note
from mobileinst_deploy.cli.reproduce_options import asked_for, run_options, table_options
from mobileinst_deploy.cli.runtimes import in_environment


@click.command()
@table_options
@run_options
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["table", "json", "markdown"]),
    default="table",
    show_default=True,
    help="What is printed on stdout.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Save the result with every sample, as JSON; as Markdown where FILE ends in .md.",
)
@click.option("--overwrite", is_flag=True, help="Replace FILE if it is there.")
def reproduce(output_format: str, output: Path | None, overwrite: bool, **options: Any) -> None:
    """Measure the rows of the paper's Tab. 1 to 7 on one core, beside what the paper prints.

    All networks take turns in one run, so that whatever slows the machine slows all of them. A
    row's time is that of all graphs that a frame takes; ratios are to MobileInst-TopFormer as each
    table has it. A network that can't be exported is told of, and the others go on.

    \b
    Examples:
      mobileinst reproduce --bundles zoo -o tables.json
      mobileinst reproduce --tables 1,2 --bundles zoo --runtime ncnn --format markdown
      mobileinst reproduce --tables 7 --bundles zoo --serial 192.168.1.7:5555
      mobileinst reproduce --macs-only
    """
    asked = asked_for(options)
    check_output(output, overwrite)
    one_blas_thread()
    from mobileinst_deploy.cli.reproduce_runs import print_result, reproduce_tables, save

    result = reproduce_tables(asked)
    save(result, output)  # first, since printing fails where a pipe is closed
    print_result(result, output_format)
    note(f"Next: {next_command(asked.tables, output)}")


def one_blas_thread() -> None:
    """Of NumPy, which reads that when it is loaded, and is timed too; until the command ends."""
    context = click.get_current_context()
    context.with_resource(in_environment("OPENBLAS_NUM_THREADS", "1"))


def is_markdown(output: Path) -> bool:
    return output.suffix == ".md"


def next_command(tables: tuple[str, ...], output: Path | None) -> str:
    """Keep the figures; or, when they are kept, look at them."""
    if output is None or is_markdown(output):
        kept = ["mobileinst", "reproduce", "--tables", ",".join(tables), "-o", "tables.json"]
        return shlex.join(kept)
    return shlex.join(["mobileinst", "report", str(output), "-o", "report.html"])

"""`mobileinst inspect`: verify a bundle and show it."""

import sys
from pathlib import Path

import click

PIPE_COLUMNS = 100


@click.command()
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option("--ops", is_flag=True, help="Count each graph's operations.")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="What is printed on stdout.",
)
def inspect(bundle: Path, ops: bool, output_format: str) -> None:
    """Verify every file of BUNDLE against its manifest, and show what is in it.

    Exit code 3 where a file is missing, changed or foreign.

    \b
    Example:
      mobileinst inspect out/base --ops
    """
    from rich.console import Console

    from export.errors import BundleError
    from export.manifest import read_bundle
    from export.verify import verify
    from mobileinst_deploy import inspection

    try:
        opened = read_bundle(bundle)
    except BundleError as error:
        if output_format == "json":
            click.echo(inspection.failure_json(str(error)))
        raise
    problems = verify(opened)
    counts = inspection.operations(opened) if ops and not problems else {}
    if output_format == "json":
        click.echo(inspection.as_json(opened, problems, counts))
    else:
        console = Console(width=None if sys.stdout.isatty() else PIPE_COLUMNS)
        console.print(inspection.as_text(opened, counts))
    if problems:
        raise BundleError("; ".join(problems))
    click.echo("Every file, contract and golden tensor is as the manifest says.", err=True)

"""`mobileinst inspect`: verify a bundle and show it."""

from pathlib import Path

import click

from mobileinst_deploy.cli.output import format_option, stdout_console


@click.command()
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option("--ops", is_flag=True, help="Count each graph's operations.")
@format_option
def inspect(bundle: Path, ops: bool, output_format: str) -> None:
    """Verify every file of BUNDLE against its manifest, and show what is in it.

    Exit code 3 where a file is missing, changed or foreign.

    \b
    Example:
      mobileinst inspect out/base --ops
    """
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
    elif not problems:
        stdout_console().print(inspection.as_text(opened, counts))
    if problems:
        raise BundleError("; ".join(problems))
    click.echo("Every file, contract and golden tensor is as the manifest says.", err=True)

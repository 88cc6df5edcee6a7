"""`mobileinst report`: results as one page to look at."""

from pathlib import Path

import click

from mobileinst_deploy.cli.output import check_output, note

FILE = click.Path(path_type=Path)


@click.command()
@click.argument("results", metavar="RESULT...", nargs=-1, required=True, type=FILE)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The page, as HTML.",
)
@click.option("--title", help="What stands at the top.  [default: the bundles' names]")
@click.option("--overwrite", is_flag=True, help="Replace FILE if it is there.")
def report(results: tuple[Path, ...], output: Path, title: str | None, overwrite: bool) -> None:
    """Show results as one page that needs no network: pictures, tables, conditions.

    RESULT is a bundle's folder, or JSON of `bench -o`, `parity --format json`, `curve -o`,
    `eval -o`, `reproduce -o`, `estimate --format json` or run.sh; told by its content, in any
    number and order. A figure stands beside its conditions; where they are not known it is left
    out, and the page says why.

    \b
    Example:
      mobileinst parity out/base --format json >parity.json
      mobileinst bench out/base -o bench.json
      mobileinst report out/base parity.json bench.json -o report.html
    """
    check_output(output, overwrite)
    from android_bench.files import replace_file
    from mobileinst_deploy.report.inputs import load
    from mobileinst_deploy.report.page import make_page, render

    page = make_page(load(results), title)
    replace_file(output, render(page).encode())
    for section in page.sections:
        click.echo(f"{section.title}: {section.finding}")
    for left_out in page.left_out:
        note(f"Left out {left_out.what}: {left_out.why}")
    note(f"Saved {output}")

"""`mobileinst models`: the networks by name, and their MACs beside the paper's."""

import click

from mobileinst_deploy.cli.output import format_option, stdout_console


@click.command()
@click.option("--macs", is_flag=True, help="Count the paper's 14 rows with fvcore (some seconds).")
@format_option
def models(macs: bool, output_format: str) -> None:
    """List the networks that can be exported.

    With --macs, count the multiply-adds of the paper's ablation rows (Tab. 3 to 6) at 320x640 and
    set them beside what the paper prints.

    \b
    Example:
      mobileinst models --macs --format json
    """
    import msgspec
    from rich.console import Group

    from mobileinst_deploy import listing
    from mobileinst_deploy.cli.progress import steps

    if macs:
        from export.threads import one_thread
        from models.complexity import PAPER_ROWS, count_row

        # Threads that wait for each other on a busy machine took four times as long.
        with one_thread(), steps("counting", len(PAPER_ROWS)) as step:
            rows = [(step(row.row), count_row(row))[1] for row in PAPER_ROWS]
        plain: dict[str, object] = {"rows": rows}
        tables = Group(listing.mac_table(rows))
    else:
        plain = {"models": listing.model_rows()}
        tables = listing.model_tables()
    if output_format == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(plain), indent=2))
    else:
        stdout_console().print(tables)

"""`mobileinst models`: the networks by name, and their MACs beside the paper's."""

from typing import TYPE_CHECKING

import click

from mobileinst_deploy.cli.output import format_option, stdout_console

if TYPE_CHECKING:
    from rich.table import Table


@click.command()
@click.option("--macs", is_flag=True, help="Count the paper's 14 rows with fvcore (some seconds).")
@click.option(
    "--peers",
    is_flag=True,
    help="With --macs, the networks it is compared with, and what others published of them "
    "(a minute).",
)
@format_option
def models(macs: bool, peers: bool, output_format: str) -> None:
    """List the networks that can be exported.

    With --macs, count the multiply-adds of the paper's ablation rows (Tab. 3 to 6) at 320x640 and
    set them beside what the paper prints. With --macs --peers, count those of the networks that the
    paper compares MobileInst with, and say where published figures differ and why.

    \b
    Examples:
      mobileinst models --macs --format json
      mobileinst models --macs --peers
    """
    import msgspec
    from rich.console import Group

    from mobileinst_deploy import listing

    if peers and not macs:
        raise click.UsageError("--peers goes with --macs")
    plain: dict[str, object]
    if peers:
        plain, tables = count_peers()
    elif macs:
        plain, tables = count_ablations()
    else:
        plain = {"trained": listing.trained_rows(), "models": listing.model_rows()}
        tables = [*listing.model_tables()]
    if output_format == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(plain), indent=2))
    else:
        stdout_console().print(Group(*tables))


def count_ablations() -> "tuple[dict[str, object], list[Table]]":
    """As JSON and as tables."""
    from export.threads import one_thread
    from mobileinst_deploy import listing
    from mobileinst_deploy.cli.progress import steps
    from models.complexity import PAPER_ROWS, count_row

    # Threads that wait for each other on a busy machine took four times as long.
    with one_thread(), steps("counting", len(PAPER_ROWS)) as step:
        rows = [(step(row.row), count_row(row))[1] for row in PAPER_ROWS]
    return {"rows": rows}, [listing.mac_table(rows)]


def count_peers() -> "tuple[dict[str, object], list[Table]]":
    from export.threads import one_thread
    from mobileinst_deploy import listing
    from mobileinst_deploy.cli.progress import steps
    from models.peers.families import PEERS
    from models.peers.published import PUBLISHED, count_peer, count_published

    with one_thread(), steps("counting", len(PEERS) + len(PUBLISHED)) as step:
        peers = [(step(name), count_peer(name))[1] for name in PEERS]
        published = [(step(row.model), count_published(row))[1] for row in PUBLISHED]
    tables = [listing.counted_peers(peers), listing.published_table(published)]
    return {"peers": peers, "published": published}, tables

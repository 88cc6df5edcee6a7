"""The paper's latency columns, measured again: ratios beside ratios."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mobileinst_deploy.bench.cells import show_ms, show_ratio
from mobileinst_deploy.report.blocks import (
    Block,
    Cell,
    Doubts,
    Facts,
    Figure,
    Made,
    Part,
    Section,
    Table,
)
from mobileinst_deploy.report.charts.pairs import Pair, pair_figure
from mobileinst_deploy.report.conditions import (
    STEADY,
    device_name,
    obstacle,
    one_line,
    run_rows,
)
from mobileinst_deploy.report.inputs import Inputs, Loaded
from mobileinst_deploy.report.numbers import TIMES, listed, ratio_interval, short_hash
from mobileinst_deploy.report.sections.sifting import sifted

if TYPE_CHECKING:
    from mobileinst_deploy.reproduce import result as reproduced

PAPER = "one core of a Snapdragon 778G, in TNN"
EXPLANATION = (
    "Rows of the paper's tables as ratios to the row that each table names: the paper's on its "
    "phone, and those of one interleaved run here. Ratios compare networks; milliseconds of "
    "different devices do not."
)


def make(inputs: Inputs) -> Made:
    shown, left_out = sifted(inputs.of("tables"), "ratios", unmeasured)
    if not shown:
        return Made(None, left_out)
    finding = "; ".join(headline(one.content) for one in shown)
    parts = [part(one) for one in shown]
    return Made(Section("tables", "The paper's tables", finding, EXPLANATION, parts), left_out)


def unmeasured(result: "reproduced.Reproduction") -> str | None:
    if result.run is None:
        return "only MACs were asked for, nothing was timed"
    return obstacle(result.run)


def headline(result: "reproduced.Reproduction") -> str:
    """What the first table's claim comes to."""
    table = result.tables[0]
    rows = {row.row: row for row in table.rows}
    rival = rows.get(table.rival or "")
    if rival is None or rival.timing is None:
        return f"Tab. {listed(one.number for one in result.tables)} measured again"
    times = f"{1 / rival.timing.ratio:.2f} of the time of {rival.row}"
    return f"{table.reference} takes {times}; in the paper {1 / rival.paper_ratio:.2f}"


def part(loaded: Loaded) -> Part:
    result: reproduced.Reproduction = loaded.content
    assert result.run is not None  # else it was left out
    run = result.run
    rows = [
        ("input", f"{result.height}{TIMES}{result.width}"),
        *run_rows(run),
        ("the paper's", PAPER),
        ("bundles", listed(f"{name} {short_hash(sha)}" for name, sha in run.manifests.items())),
    ]
    doubts = [Doubts(run.warnings)] if run.warnings else []
    where = one_line(run.conditions, run.device)
    blocks = [block for table in result.tables for block in table_blocks(table, where)]
    title = f"Measured on {device_name(run.conditions, run.device)}"
    return Part(title, Facts(rows), [*doubts, *blocks], STEADY[run.steadiness.throttled])


def table_blocks(table: "reproduced.Table", where: str) -> Iterator[Block]:
    yield ratio_figure(table, where)
    yield row_table(table)


def ratio_figure(table: "reproduced.Table", where: str) -> Figure:
    pairs = [
        Pair(
            row.row,
            row.paper_ratio,
            row.timing.ratio if row.timing else None,
            row.timing.ratio_ci95 if row.timing else None,
            f"{row.timing.ratio:.2f}" if row.timing else "not measured",
        )
        for row in table.rows
    ]
    title = f"Tab. {table.number}: {table.title}"
    caption = f"Whiskers: 95 % interval. Paper: {PAPER}. Measured: {where}."
    axis = f"latency, {TIMES} {table.reference}"
    return pair_figure(title, caption, axis, ("paper", "measured"), pairs)


def row_table(table: "reproduced.Table") -> Table:
    columns = ("row", "network", "paper ms", "ratio", "measured ms", "ratio", "95 % interval")
    columns_after = ("behind the graphs ms", "GMACs", "paper GMACs", f"paper AP, {table.ap_of}")
    rows = [row_cells(row) for row in table.rows]
    return Table(
        f"Tab. {table.number}, row by row", (*columns, *columns_after), rows, (0, 1), folded=True
    )


def row_cells(row: "reproduced.Row") -> tuple[Cell | str, ...]:
    timing, macs = row.timing, row.macs
    timed: tuple[Cell | str, ...] = (Cell("-", "quiet", row.missing), "-", "-", "-")
    if timing:
        ratio = (show_ratio(timing.ratio), ratio_interval(timing.ratio_ci95))
        timed = (show_ms(timing.median_ms), *ratio, show_ms(timing.post_ms))
    counted = "-" if macs is None else f"{macs.gmacs:.3f}"
    printed = "-" if macs is None or macs.paper_gmacs is None else f"{macs.paper_gmacs:.2f}"
    ap = "-" if row.paper_ap is None else f"{row.paper_ap:.1f}"
    paper = (f"{row.paper_ms:g}", f"{row.paper_ratio:.2f}")
    return (row.row, row.model, *paper, *timed, counted, printed, ap)

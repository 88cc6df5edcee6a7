"""The tables' cells, as a terminal and Markdown show them alike."""

from collections.abc import Callable, Iterator

from mobileinst_deploy.bench.cells import show_interval, show_ms, show_ratio
from mobileinst_deploy.reproduce.result import Macs, Reproduction, Row, Table, Timing

ABSENT = "-"

Cell = Callable[[Row], str]


def timed(show: Callable[[Timing], str]) -> Cell:
    return lambda row: show(row.timing) if row.timing else ABSENT


def counted(show: Callable[[Macs], str]) -> Cell:
    return lambda row: show(row.macs) if row.macs else ABSENT


def show_gmacs(gmacs: float | None) -> str:
    return ABSENT if gmacs is None else f"{gmacs:.2f}"


NAME: dict[str, Cell] = {"row": lambda row: row.row}
TIMES: dict[str, Cell] = {
    "ms": timed(lambda timing: show_ms(timing.median_ms)),
    "ratio": timed(lambda timing: show_ratio(timing.ratio)),
    "95 % interval": timed(lambda timing: show_interval(timing.ratio_ci95)),
    "paper": lambda row: show_ratio(row.paper_ratio),
    "paper ms": lambda row: f"{row.paper_ms:g}",
    "NumPy ms": timed(lambda timing: show_ms(timing.post_ms)),
}
MACS: dict[str, Cell] = {
    "GMACs": counted(lambda macs: show_gmacs(macs.gmacs)),
    "paper G": counted(lambda macs: show_gmacs(macs.paper_gmacs)),
    "params M": counted(lambda macs: f"{macs.params / 1e6:.2f}"),
}


def columns_of(result: Reproduction) -> dict[str, Cell]:
    """Without columns that nothing was asked for."""
    has_macs = any(row.macs for table in result.tables for row in table.rows)
    return {**NAME, **(TIMES if result.run else {}), **(MACS if has_macs else {})}


def cells_of(table: Table, columns: dict[str, Cell]) -> list[tuple[str, ...]]:
    return [tuple(cell(row) for cell in columns.values()) for row in table.rows]


def title_of(table: Table) -> str:
    return f"Tab. {table.number}: {table.title}"


def remarks(table: Table) -> Iterator[str]:
    """What stands below a table."""
    if claim := claim_line(table):
        yield claim
    for row in table.rows:
        if row.missing:
            yield f"{row.row} ({row.model}) was not measured: {row.missing}"


def claim_line(table: Table) -> str:
    """How much of its rival's time the reference takes; empty where that was not measured."""
    rival = next((row for row in table.rows if row.row == table.rival and row.timing), None)
    if rival is None or rival.timing is None:
        return ""
    low, high = rival.timing.ratio_ci95
    return (
        f"{table.reference} takes {1 / rival.timing.ratio:.3f} ({1 / high:.3f} .. {1 / low:.3f}) "
        f"of the time of {rival.row}; in the paper {1 / rival.paper_ratio:.3f}."
    )

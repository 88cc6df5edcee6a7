"""Numbers as tables show them."""

from collections.abc import Sequence

from rich import box
from rich.markup import escape
from rich.table import Table

from android_bench.measurement.statistics import Interval


def numeric_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """The first column is a name, the others are numbers."""
    table = Table(title=escape(title), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index else "left")
    for row in rows:
        table.add_row(*map(escape, row))
    return table


def show_ms(value: float | None) -> str:
    """About four digits, never an exponent."""
    if value is None:
        return "-"
    decimals = 3 if value < 10 else 2 if value < 100 else 1
    return f"{value:.{decimals}f}"


def show_ratio(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def show_interval(interval: Interval | None) -> str:
    return "-" if interval is None else " .. ".join(map(show_ratio, interval))


def show_mhz(khz: int | None) -> str:
    return "unknown clock" if khz is None else f"{khz / 1000:.0f} MHz"


def show_c(degrees: float | None) -> str:
    return "unknown" if degrees is None else f"{degrees:.1f} °C"

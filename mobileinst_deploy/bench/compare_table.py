"""A comparison of two results as text and tables; nothing here measures or prints."""

from collections.abc import Iterator

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from android_bench.measurement.comparison import BUSY_COST, LEAST_MS, Comparison, Row, Verdict
from mobileinst_deploy.bench.cells import numeric_table, show_interval, show_ms, show_ratio

COLUMNS = ("", "A ms", "B ms", "B / A", "interval", "counts above", "verdict")
STYLES: dict[Verdict, str] = {
    "slower": "bold red",
    "faster": "bold green",
    "no difference": "",
    "not comparable": "yellow",
}


def render(comparison: Comparison) -> RenderableType:
    return Group(*sections(comparison))


def sections(comparison: Comparison) -> Iterator[RenderableType]:
    table = numeric_table("Medians", COLUMNS, list(map(cells, comparison.rows)))
    for row, shown in zip(comparison.rows, table.rows, strict=True):
        shown.style = STYLES[row.verdict]
    yield table
    yield Text(rule(comparison))
    if BUSY_COST * comparison.busy_elsewhere > comparison.threshold:
        yield Text(neighbours(comparison), "yellow")
    for reason, names in reasons(comparison).items():
        yield Text(f"Not comparable: {', '.join(names)}: {reason}.", "yellow")
    if comparison.differences:
        yield differences_table(comparison)
    yield Text(last_line(comparison), "bold red" if comparison.regression else "bold")


def cells(row: Row) -> tuple[str, ...]:
    return (
        row.name,
        show_ms(row.a_ms),
        show_ms(row.b_ms),
        show_ratio(row.ratio),
        show_interval(row.interval),
        "-" if row.least is None else f"{row.least:.1%}",
        row.verdict,
    )


def rule(comparison: Comparison) -> str:
    return (
        "A difference counts where the interval excludes 1 and it exceeds "
        f"{comparison.threshold:.1%}, {LEAST_MS} ms and the noise floors of both runs. "
        "All intervals together hold with 95 %."
    )


def neighbours(comparison: Comparison) -> str:
    return (
        f"The machine's other cores were {comparison.busy_elsewhere:.0%} busy, which may cost "
        f"{BUSY_COST * comparison.busy_elsewhere:.0%}: nothing smaller counts. "
        "Measure on a quiet machine."
    )


def reasons(comparison: Comparison) -> dict[str, list[str]]:
    """The rows' names by the reason that keeps them from being compared."""
    found: dict[str, list[str]] = {}
    for row in comparison.rows:
        if row.reason:
            found.setdefault(row.reason, []).append(row.name)
    return found


def differences_table(comparison: Comparison) -> Table:
    table = numeric_table("Measured under different conditions", ("", "A", "B"), [])
    for difference in comparison.differences:
        table.add_row(*map(Text, (difference.what, difference.a, difference.b)))
    for column in table.columns:
        column.justify = "left"
    return table


def last_line(comparison: Comparison) -> str:
    """What it comes to: the graphs by verdict, the worst first."""
    found = {
        verdict: [r.name for r in comparison.rows if r.verdict == verdict] for verdict in STYLES
    }
    parts = [
        f"{len(names)} {verdict} ({', '.join(names)})"
        if verdict in ("slower", "faster")
        else f"{len(names)} {verdict}"
        for verdict, names in found.items()
        if names
    ]
    answer = "Regression" if comparison.regression else "No regression found"
    return f"{answer}: {'; '.join(parts)}."


def as_json(comparison: Comparison) -> str:
    """Indented."""
    return msgspec.json.format(msgspec.json.encode(comparison), indent=2).decode()

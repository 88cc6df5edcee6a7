"""A bench result as text and tables of at most 80 columns; nothing here measures or prints."""

from collections.abc import Iterator

from rich import box
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from android_bench.results import BenchResult, Conditions, GraphTiming
from android_bench.statistics import Interval

LATENCY = ("graph", "median", "95 % interval", "p90", "p99", "min", "load", "first")
RATIO = ("graph", "x keyframe", "95 % interval")
AMORTISED = ("T", "ms", "x keyframe", "95 % interval", "plain reuse", "95 % interval")


def render(result: BenchResult) -> RenderableType:
    return Group(*sections(result))


def sections(result: BenchResult) -> Iterator[RenderableType]:
    graphs = result.graphs.items()
    yield numeric_table(
        f"{result.bundle}: latency in ms", LATENCY, [(n, *latency_cells(g)) for n, g in graphs]
    )
    yield numeric_table(
        "Against the keyframe graph", RATIO, [(n, *ratio_cells(g)) for n, g in graphs]
    )
    yield numeric_table(
        "Mean cost of a frame, one in T being a key frame",
        AMORTISED,
        [amortised_cells(result, interval) for interval in all_intervals(result)],
    )
    yield Text(conditions_line(result.conditions))
    yield Text(noise_line(result))
    yield from (Text(f"Warning: {warning}", "yellow") for warning in result.warnings)


def latency_cells(graph: GraphTiming) -> tuple[str, ...]:
    low, high = graph.ci95_ms
    return (
        show_ms(graph.median_ms),
        f"{show_ms(low)} .. {show_ms(high)}",
        show_ms(graph.p90_ms),
        show_ms(graph.p99_ms),
        show_ms(graph.min_ms),
        show_ms(graph.load_ms),
        show_ms(graph.first_ms),
    )


def ratio_cells(graph: GraphTiming) -> tuple[str, ...]:
    return show_ratio(graph.ratio_to_keyframe), show_interval(graph.ratio_to_keyframe_ci95)


def all_intervals(result: BenchResult) -> list[str]:
    return list(result.amortised | result.amortised_plain)


def amortised_cells(result: BenchResult, interval: str) -> tuple[str, ...]:
    return (
        interval,
        show_ms(result.amortised_ms.get(interval)),
        show_ratio(result.amortised.get(interval)),
        show_interval(result.amortised_ci95.get(interval)),
        show_ratio(result.amortised_plain.get(interval)),
        show_interval(result.amortised_plain_ci95.get(interval)),
    )


def numeric_table(title: str, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> Table:
    """The first column is a name, the others are numbers."""
    table = Table(title=escape(title), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index else "left")
    for row in rows:
        table.add_row(*map(escape, row))
    return table


def conditions_line(conditions: Conditions) -> str:
    threads = f"{conditions.threads} thread{'s' if conditions.threads > 1 else ''}"
    return (
        f"{conditions.cpu_model or 'unknown CPU'}, core {conditions.core}, {threads}, "
        f"{conditions.precision}, {conditions.runtime} {conditions.runtime_version}, "
        f"{conditions.iterations} iterations after {conditions.warmup} to warm up"
    )


def noise_line(result: BenchResult) -> str:
    floor = result.noise_floor
    return (
        f"Noise floor: the same graph, loaded twice, differed by {floor.difference:.1%}; "
        f"differences below {floor.upper:.1%} cannot be told apart here."
    )


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

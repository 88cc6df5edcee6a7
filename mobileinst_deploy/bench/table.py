"""A bench result as text and tables of at most 80 columns; nothing here measures or prints."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from android_bench.measurement.results import BenchResult, GraphTiming
from mobileinst_deploy.bench.cells import (
    numeric_table,
    show_interval,
    show_ms,
    show_ratio,
)
from mobileinst_deploy.bench.circumstances import circumstances
from mobileinst_deploy.bench.extra_tables import profile_tables, schedule_tables

LATENCY = ("graph", "median", "95 % interval", "p90", "p99", "min", "load", "first")
PRECISION = "precision"  # a column where there are several
RATIO = ("graph", "x keyframe", "95 % interval")
AMORTISED = ("T", "ms", "x keyframe", "95 % interval", "plain reuse", "95 % interval")
EMULATED = "emulated: correctness only"


def render(result: BenchResult) -> RenderableType:
    return Group(*sections(result))


def sections(result: BenchResult) -> Iterator[RenderableType]:
    graphs = result.graphs.items()
    yield latency_table(result)
    yield numeric_table(
        "Against the keyframe graph", RATIO, [(n, *ratio_cells(g)) for n, g in graphs]
    )
    yield numeric_table(
        "Mean cost of a frame, one in T being a key frame",
        AMORTISED,
        [amortised_cells(result, interval) for interval in all_intervals(result)],
    )
    yield from schedule_tables(result.schedules)
    yield from profile_tables(result.profile)
    yield from map(Text, circumstances(result))
    yield Text(noise_line(result))
    yield from (Text(f"Warning: {warning}", "yellow") for warning in result.warnings)


def latency_table(result: BenchResult) -> RenderableType:
    several = len({graph.precision for graph in result.graphs.values()}) > 1
    columns: Sequence[str] = (LATENCY[0], PRECISION, *LATENCY[1:]) if several else LATENCY
    rows = [
        (name, *([graph.precision] if several else []), *latency_cells(graph))
        for name, graph in result.graphs.items()
    ]
    return numeric_table(title(result), columns, rows)


def title(result: BenchResult) -> str:
    """With the phone, and a word about one that is none."""
    phone = (
        f" on {result.device.model or 'a phone'} {result.device.serial}" if result.device else ""
    )
    emulated = f" ({EMULATED})" if result.emulated else ""
    return f"{result.bundle}{phone}{emulated}: latency in ms"


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


def noise_line(result: BenchResult) -> str:
    floor = result.noise_floor
    return (
        f"Noise floor: the same graph, loaded twice, differed by {floor.difference:.1%}; "
        f"differences below {floor.upper:.1%} cannot be told apart here."
    )

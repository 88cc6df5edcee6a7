"""An estimate as text and tables; nothing here computes or prints."""

from collections.abc import Iterator

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from android_bench.measurement.summary import INTERVALS
from mobileinst_deploy.bench.cells import numeric_table, show_ms
from mobileinst_deploy.estimate.estimating import Estimate
from mobileinst_deploy.estimate.machine import Machine
from mobileinst_deploy.estimate.measured import Measured, MeasuredGraph
from mobileinst_deploy.estimate.published import PublishedBound
from mobileinst_deploy.estimate.roofline import GraphBound, LayerBound
from mobileinst_deploy.estimate.settings import SETTINGS

MIB = 2**20
LEVELS = ("level", "KiB", "GB/s")
GRAPHS = (
    *("graph", "bound ms", "arithmetic ms", "bytes ms", "ruled by", "GMACs", "multiplied G"),
    *("moved MiB", "weights MiB"),
)
LAYERS = ("layer", "operations", "bound ms", "ruled by", "MMACs", "algorithm", "moved KiB")
AMORTISED = ("schedule", *(f"T = {interval}" for interval in INTERVALS))
PUBLISHED = ("published", "T", "ms", *(setting.name for setting in SETTINGS))
MEASURED = ("graph", "runtime", "precision", "measured ms", "bound ms", "share of the peak")
MEASURED_LAYERS = ("layer", "operations", "measured ms", "bound ms", "share of the peak")
LEAST_SHARE = 0.005


def as_json(estimate: Estimate) -> str:
    """Indented."""
    return msgspec.json.format(msgspec.json.encode(estimate), indent=2).decode()


def render(estimate: Estimate) -> RenderableType:
    return Group(*sections(estimate))


def sections(estimate: Estimate) -> Iterator[RenderableType]:
    yield Text(estimate.statement, "bold")
    yield Text(machine_line(estimate.machine))
    yield numeric_table("Memory", LEVELS, level_rows(estimate.machine))
    title = f"{estimate.bundle}: bounds, {estimate.machine.precision}, {estimate.convolution}"
    yield numeric_table(title, GRAPHS, [graph_cells(*item) for item in estimate.graphs.items()])
    yield from layer_tables(estimate.graphs)
    if estimate.amortised_ms:
        rows = [(name, *map(show_ms, by.values())) for name, by in estimate.amortised_ms.items()]
        yield numeric_table("Bound of a mean frame in ms, one in T a keyframe", AMORTISED, rows)
    yield from published_sections(estimate)
    if estimate.measured is not None:
        yield from measured_sections(estimate.measured)
    yield Text("Assumed:\n" + "\n".join(f"  {line}" for line in estimate.assumptions))


def machine_line(machine: Machine) -> str:
    return (
        f"{machine.title}, {machine.cluster} core: {machine.microarchitecture} at {machine.mhz} "
        f"MHz, at most {machine.gmacs_s:.1f} GMAC/s in {machine.precision}"
    )


def level_rows(machine: Machine) -> list[tuple[str, ...]]:
    return [
        (level.name, "any" if level.kib is None else str(level.kib), f"{level.gb_s:.1f}")
        for level in machine.levels
    ]


def graph_cells(name: str, bound: GraphBound) -> tuple[str, ...]:
    return (
        name,
        show_ms(bound.bound_ms),
        show_ms(bound.compute_ms),
        show_ms(bound.memory_ms),
        ruled_by(bound),
        f"{bound.macs / 1e9:.3f}",
        f"{bound.multiplications / 1e9:.3f}",
        f"{bound.bytes_moved / MIB:.1f}",
        f"{bound.bytes_of_weights / MIB:.1f}",
    )


def ruled_by(bound: GraphBound) -> str:
    """As compute 99%, memory 1%; without what rounds to nothing."""
    shares = {rule: ms / bound.bound_ms for rule, ms in bound.ruled_ms.items() if ms}
    parts = sorted(shares.items(), key=lambda part: -part[1])
    return ", ".join(f"{rule} {share:.0%}" for rule, share in parts if share >= LEAST_SHARE)


def layer_tables(graphs: dict[str, GraphBound]) -> Iterator[Table]:
    for name, bound in graphs.items():
        if bound.layers:
            yield numeric_table(f"{name}: layers", LAYERS, list(map(layer_cells, bound.layers)))


def layer_cells(bound: LayerBound) -> tuple[str, ...]:
    moved = bound.bytes_read + bound.bytes_of_weights + bound.bytes_written
    return (
        bound.name,
        bound.type,
        show_ms(bound.bound_ms),
        bound.ruled_by,
        f"{bound.macs / 1e6:.2f}",
        bound.algorithm or "",
        f"{moved / 1024:.1f}",
    )


def published_sections(estimate: Estimate) -> Iterator[RenderableType]:
    if not estimate.published:
        return
    title = "Published figures: the share of the peak that each would mean (above 100% can't be)"
    yield numeric_table(title, PUBLISHED, list(map(published_cells, estimate.published)))
    yield from (Text(verdict(one), "yellow") for one in estimate.published if one.below)


def published_cells(one: PublishedBound) -> tuple[str, ...]:
    shares = (f"{share:.0%}" for share in one.shares.values())
    return (one.source, str(one.interval), f"{one.ms:g}", *shares)


def verdict(one: PublishedBound) -> str:
    bounds = ", ".join(f"{name} ({show_ms(one.bounds_ms[name])} ms)" for name in one.below)
    return (
        f"{one.ms:g} ms ({one.source}, T = {one.interval}) lies BELOW the bound of {bounds}: "
        "whoever measured it computed in another way than that."
    )


def measured_sections(measured: Measured) -> Iterator[RenderableType]:
    rows = list(map(measured_cells, measured.graphs))
    yield numeric_table("Measured against the bound", MEASURED, rows)
    for graph in measured.graphs:
        if graph.layers:
            yield measured_layers(graph)
    yield from (Text(f"Doubt: {doubt}.", "yellow") for doubt in measured.doubts)


def measured_cells(graph: MeasuredGraph) -> tuple[str, ...]:
    return (
        graph.name,
        graph.runtime,
        graph.precision,
        show_ms(graph.measured_ms),
        show_ms(graph.bound_ms),
        f"{graph.share:.0%}",
    )


def measured_layers(graph: MeasuredGraph) -> Table:
    title = (
        f"{graph.name}: layers, measured against the bound; {show_ms(graph.unassigned_ms)} ms more "
        "in layers that the bound takes for nothing"
    )
    rows = [
        (one.name, one.type, show_ms(one.measured_ms), show_ms(one.bound_ms), f"{one.share:.0%}")
        for one in graph.layers
    ]
    return numeric_table(title, MEASURED_LAYERS, rows)

"""What a graph can't be faster than on a device, by its roofline."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mobileinst_deploy.bench.cells import show_ms
from mobileinst_deploy.report.blocks import (
    Block,
    Doubts,
    Facts,
    Figure,
    LeftOut,
    Made,
    Note,
    Part,
    Section,
)
from mobileinst_deploy.report.blocks import Table as TableBlock
from mobileinst_deploy.report.charts.bars import Bar, bar_figure
from mobileinst_deploy.report.conditions import bundle_row, obstacle, one_line
from mobileinst_deploy.report.inputs import Inputs, Loaded
from mobileinst_deploy.report.numbers import percent

if TYPE_CHECKING:
    from mobileinst_deploy.estimate.estimating import Estimate
    from mobileinst_deploy.estimate.measured import Measured
    from mobileinst_deploy.estimate.roofline import GraphBound

KEYFRAME = "keyframe"
UNKNOWN = "the bench result that it was compared with is not among these files"
SLOWEST = 12  # layers that are drawn


def make(inputs: Inputs) -> Made:
    loaded = inputs.of("estimate")
    if not loaded:
        return Made(None)
    benches = [one.content for one in inputs.of("bench") if obstacle(one.content) is None]
    left_out = [
        LeftOut(f"measured against the bound in {one.name}", UNKNOWN)
        for one in loaded
        if one.content.measured and measured_on(one.content, benches) is None
    ]
    parts = [part(one, inputs, measured_on(one.content, benches)) for one in loaded]
    finding = "; ".join(headline(one.content) for one in loaded)
    explanation = loaded[0].content.statement
    return Made(Section("bounds", "Lower bounds", finding, explanation, parts), left_out)


def headline(estimate: "Estimate") -> str:
    name = KEYFRAME if KEYFRAME in estimate.graphs else next(iter(estimate.graphs))
    bound = show_ms(estimate.graphs[name].bound_ms)
    return f"{name} takes {bound} ms or more on one {where(estimate)}"


def where(estimate: "Estimate") -> str:
    """The core, and how it computes."""
    machine = estimate.machine
    core = f"{machine.cluster} core of a {machine.title} ({machine.microarchitecture})"
    return f"{core} at {machine.mhz} MHz, {machine.precision}, {estimate.convolution}"


def measured_on(estimate: "Estimate", benches: Sequence[object]) -> str | None:
    """The conditions of the result that it was compared with: the one with the same medians."""
    from android_bench.measurement.results import BenchResult

    if estimate.measured is None:
        return None
    compared = {one.name: one.measured_ms for one in estimate.measured.graphs}
    for bench in benches:
        assert isinstance(bench, BenchResult)
        medians = {name: graph.median_ms for name, graph in bench.graphs.items()}
        if compared and compared.items() <= medians.items():
            return one_line(bench.conditions, bench.device)
    return None


def part(loaded: Loaded, inputs: Inputs, measured: str | None) -> Part:
    estimate: Estimate = loaded.content
    title = f"{estimate.bundle} ({estimate.model}) on a {estimate.machine.title}"
    return Part(title, Facts([*conditions(estimate, inputs)]), [*blocks(estimate, measured)])


def conditions(estimate: "Estimate", inputs: Inputs) -> Iterator[tuple[str, str]]:
    machine = estimate.machine
    yield "core", where(estimate)
    yield "arithmetic", f"at most {machine.gmacs_s:.1f} GMAC/s"
    for level in machine.levels:
        size = "" if level.kib is None else f"{level.kib} KiB, "
        yield level.name, f"{size}{level.gb_s:.1f} GB/s"
    yield "assumed", "\n".join(estimate.assumptions)
    yield bundle_row(estimate.bundle, estimate.manifest_sha256, inputs.bundles)


def blocks(estimate: "Estimate", measured: str | None) -> Iterator[Block]:
    from mobileinst_deploy.estimate.table import GRAPHS, graph_cells

    yield graph_figure(estimate)
    rows = [graph_cells(name, bound) for name, bound in estimate.graphs.items()]
    yield TableBlock("Bounds of each graph", GRAPHS, rows, words=(0, 4), folded=True)
    for name, bound in estimate.graphs.items():
        if bound.layers:
            yield layer_figure(name, bound, where(estimate))
    yield from published_blocks(estimate)
    if estimate.measured and measured:
        yield from measured_blocks(estimate.measured, measured)


def graph_figure(estimate: "Estimate") -> Figure:
    bars = [
        Bar(name, bound.bound_ms, f"{show_ms(bound.bound_ms)} ms")
        for name, bound in estimate.graphs.items()
    ]
    caption = f"Computed, not measured, for one {where(estimate)}."
    return bar_figure("Lower bound of each graph", caption, "ms", bars)


def layer_figure(name: str, bound: "GraphBound", core: str) -> Figure:
    slowest = sorted(bound.layers, key=lambda layer: -layer.bound_ms)[:SLOWEST]
    bars = [
        Bar(layer.name, layer.bound_ms, f"{show_ms(layer.bound_ms)} ms, {layer.ruled_by}")
        for layer in slowest
    ]
    caption = f"Of {len(bound.layers)} layers; behind each what rules it. On one {core}."
    return bar_figure(f"{name}: the layers with the highest bounds", caption, "ms", bars)


def published_blocks(estimate: "Estimate") -> Iterator[Block]:
    from mobileinst_deploy.estimate.table import PUBLISHED, published_cells, verdict

    if not estimate.published:
        return
    title = (
        f"Published figures on one core of a {estimate.machine.title}, and the share of the peak "
        "that each would mean: above 100% can't be"
    )
    yield TableBlock(title, PUBLISHED, [*map(published_cells, estimate.published)])
    yield from (Note(verdict(one), "warn") for one in estimate.published if one.below)


def measured_blocks(measured: "Measured", conditions: str) -> Iterator[Block]:
    rows = [
        (
            graph.name,
            f"{graph.runtime} {graph.precision}",
            show_ms(graph.measured_ms),
            show_ms(graph.bound_ms),
            percent(graph.share, 0),
        )
        for graph in measured.graphs
    ]
    columns = ("graph", "runtime", "measured ms", "bound ms", "share of the peak")
    yield TableBlock(f"Measured on {conditions}", columns, rows, words=(0, 1))
    if measured.doubts:
        yield Doubts([f"{doubt}." for doubt in measured.doubts])

"""Latency of every graph: medians with intervals, every sample, and what it was measured under."""

from collections.abc import Iterator

from android_bench.measurement.results import BenchResult
from mobileinst_deploy.bench.cells import show_ms, show_ratio
from mobileinst_deploy.report.blocks import (
    Block,
    Doubts,
    Facts,
    Figure,
    Made,
    Part,
    Section,
    Table,
)
from mobileinst_deploy.report.charts.bars import Bar, bar_figure
from mobileinst_deploy.report.charts.swarm import spread_of, swarm_figure
from mobileinst_deploy.report.conditions import (
    STEADY,
    bundle_row,
    device_name,
    obstacle,
    one_line,
    run_rows,
)
from mobileinst_deploy.report.inputs import Inputs, Loaded
from mobileinst_deploy.report.numbers import TIMES, listed, ms_interval, ratio_interval
from mobileinst_deploy.report.sections.intervals import interval_blocks
from mobileinst_deploy.report.sections.sifting import sifted

KEYFRAME = "keyframe"
EXPLANATION = (
    "Graphs took turns on one pinned core; medians with 95 % intervals. Two graphs of one run "
    "that differ by less than the noise floor can't be told apart, and runs of different devices "
    "or days are not compared here."
)


def make(inputs: Inputs) -> Made:
    shown, left_out = sifted(inputs.of("bench"), "latency", obstacle)
    if not shown:
        return Made(None, left_out)
    finding = "; ".join(headline(one.content) for one in shown)
    parts = [part(one, inputs) for one in shown]
    return Made(Section("latency", "Latency", finding, EXPLANATION, parts), left_out)


def headline(result: BenchResult) -> str:
    keyframe = result.graphs[KEYFRAME]
    low_to_high = ms_interval(keyframe.ci95_ms)
    return (
        f"{result.bundle}: keyframe graph {show_ms(keyframe.median_ms)} ms ({low_to_high}) in "
        f"{keyframe.runtime} on {one_line(result.conditions, result.device)}"
    )


def part(loaded: Loaded, inputs: Inputs) -> Part:
    result: BenchResult = loaded.content
    return Part(
        f"{result.bundle} on {device_name(result.conditions, result.device)}",
        Facts([*conditions(result, inputs)]),
        [*blocks(result)],
        STEADY[result.steadiness.throttled],
    )


def conditions(result: BenchResult, inputs: Inputs) -> Iterator[tuple[str, str]]:
    yield from run_rows(result)
    yield bundle_row(result.bundle, result.manifest_sha256, inputs.bundles)


def blocks(result: BenchResult) -> Iterator[Block]:
    if result.warnings:
        yield Doubts(result.warnings)
    yield median_figure(result)
    yield from spread_figures(result)
    yield graph_table(result)
    yield from interval_blocks(result)


def series(result: BenchResult) -> dict[str, int]:
    """A colour for each runtime."""
    runtimes = dict.fromkeys(graph.runtime for graph in result.graphs.values())
    return {runtime: index for index, runtime in enumerate(runtimes)}


def median_figure(result: BenchResult) -> Figure:
    colours = series(result)
    bars = [
        Bar(name, g.median_ms, f"{show_ms(g.median_ms)} ms", g.ci95_ms, colours[g.runtime])
        for name, g in result.graphs.items()
    ]
    caption = (
        f"Whiskers: 95 % interval of the median. {one_line(result.conditions, result.device)}."
    )
    return bar_figure("Median latency of each graph", caption, "ms", bars)


def spread_figures(result: BenchResult) -> Iterator[Figure]:
    colours = series(result)
    spreads = [
        spread_of(name, g.samples_ms, g.median_ms, g.ci95_ms, colours[g.runtime])
        for name, g in result.graphs.items()
        if g.median_ms > 0
    ]
    if spreads:
        caption = (
            "A dot is a sample; the line is the median and the bar its 95 % interval. Samples far "
            f"out are counted at the right end. {one_line(result.conditions, result.device)}."
        )
        floor = result.noise_floor.upper
        yield swarm_figure("Every sample around its graph's median", caption, spreads, floor)


def graph_table(result: BenchResult) -> Table:
    several = len({graph.precision for graph in result.graphs.values()}) > 1
    rows = [
        (
            name,
            *map(show_ms, (graph.median_ms,)),
            ms_interval(graph.ci95_ms),
            *map(show_ms, (graph.p90_ms, graph.p99_ms, graph.min_ms)),
            show_ratio(graph.ratio_to_keyframe),
            ratio_interval(graph.ratio_to_keyframe_ci95),
            *map(show_ms, (graph.load_ms, graph.first_ms)),
            *([graph.precision] if several else []),
        )
        for name, graph in result.graphs.items()
    ]
    columns = ["graph", "median ms", "95 % interval", "p90", "p99", "min"]
    columns += [f"{TIMES} keyframe", "95 % interval", "load", "first"]
    columns += ["precision"] if several else []
    shared = listed(dict.fromkeys(graph.runtime for graph in result.graphs.values()))
    return Table(f"Latency in ms, {shared}", columns, rows, words=(0, 10))

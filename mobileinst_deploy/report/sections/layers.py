"""What each layer takes, where a bench result has a profile."""

from collections.abc import Iterator

from android_bench.measurement.layers import GraphProfile, shares_by_type
from android_bench.measurement.results import BenchResult
from mobileinst_deploy.bench.cells import show_ms
from mobileinst_deploy.report.blocks import (
    Block,
    Facts,
    Figure,
    Made,
    Part,
    Section,
    Table,
)
from mobileinst_deploy.report.charts.bars import Bar, bar_figure
from mobileinst_deploy.report.conditions import device_name, obstacle, one_line
from mobileinst_deploy.report.inputs import Inputs, Loaded
from mobileinst_deploy.report.numbers import percent
from mobileinst_deploy.report.sections import latency
from mobileinst_deploy.report.sections.sifting import sifted

SLOWEST = 12  # layers that are drawn
EXPLANATION = (
    "Layers timed one by one, which takes longer than running the graph at once; how much longer "
    "stands below each picture."
)


def make(inputs: Inputs) -> Made:
    """What has no latency on the page has no layers on it either, for the same reason."""
    loaded = [one for one in inputs.of("bench") if one.content.profile]
    shown, left_out = sifted(loaded, "layers", obstacle)
    if not shown:
        return Made(None, left_out)
    finding = "; ".join(headline(one.content) for one in shown)
    parts = [part(one, inputs) for one in shown]
    return Made(Section("layers", "Layer by layer", finding, EXPLANATION, parts), left_out)


def headline(result: BenchResult) -> str:
    name, profile = next(iter(result.profile.items()))
    kind, share = next(iter(shares_by_type(profile).items()))
    return f"{kind} layers take {percent(share, 0)} of {name}"


def part(loaded: Loaded, inputs: Inputs) -> Part:
    result: BenchResult = loaded.content
    title = f"{result.bundle} on {device_name(result.conditions, result.device)}"
    conditions = Facts([*latency.conditions(result, inputs)])
    blocks = [block for name in result.profile for block in graph_blocks(name, result)]
    return Part(title, conditions, blocks)


def graph_blocks(name: str, result: BenchResult) -> Iterator[Block]:
    profile = result.profile[name]
    where = one_line(result.conditions, result.device)
    yield slowest_figure(name, profile, where)
    yield type_figure(name, profile, where)
    rows = [
        (layer.name, layer.type, show_ms(layer.median_ms), percent(layer.share))
        for layer in profile.layers
    ]
    columns = ("layer", "type", "median ms", "share")
    yield Table(f"{name}: every layer", columns, rows, words=(0, 1), folded=True)


def slowest_figure(name: str, profile: GraphProfile, where: str) -> Figure:
    slowest = sorted(profile.layers, key=lambda layer: -layer.median_ms)[:SLOWEST]
    bars = [
        Bar(one.name, one.median_ms, f"{show_ms(one.median_ms)} ms, {percent(one.share)}")
        for one in slowest
    ]
    caption = (
        f"Of {len(profile.layers)} layers, together {show_ms(profile.sum_ms)} ms: "
        f"{profile.overhead:+.1%} on the whole graph's {show_ms(profile.whole_ms)} ms. {where}."
    )
    return bar_figure(f"{name}: the slowest layers", caption, "median, ms", bars)


def type_figure(name: str, profile: GraphProfile, where: str) -> Figure:
    bars = [
        Bar(kind, 100 * share, percent(share), series=1)
        for kind, share in shares_by_type(profile).items()
    ]
    caption = f"Shares of the sum of all layers' medians. {where}."
    return bar_figure(f"{name}: by type of layer", caption, "share of the time, %", bars)

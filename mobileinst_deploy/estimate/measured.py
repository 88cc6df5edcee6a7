"""A measured result beside its bound: the share of the peak that each graph and layer reached."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from android_bench.device.profiles import Profile
from android_bench.measurement.layers import GraphProfile
from android_bench.measurement.results import BenchResult, GraphTiming
from mobileinst_deploy.estimate.machine import Machine, Precision
from mobileinst_deploy.estimate.roofline import GraphBound, LayerBound

ARITHMETIC: Mapping[str, Precision] = {"fp32": "fp32", "fp16-storage": "fp32", "fp16": "fp16"}


@dataclass(frozen=True)
class MeasuredLayer:
    name: str
    type: str
    measured_ms: float  # the median, of all the runtime's layers that make it up
    bound_ms: float
    share: float  # the bound over what was measured


@dataclass(frozen=True)
class MeasuredGraph:
    name: str  # in the result
    runtime: str
    precision: str
    measured_ms: float  # the median
    bound_ms: float
    share: float  # the bound over what was measured
    layers: tuple[MeasuredLayer, ...]  # of a profile, if there is one
    unassigned_ms: float  # in layers of the profile that no layer of ours names


@dataclass(frozen=True)
class Measured:
    graphs: tuple[MeasuredGraph, ...]
    doubts: tuple[str, ...]  # why a share may mean nothing


def compare_measured(
    result: BenchResult,
    bounds: Mapping[Precision, Mapping[str, GraphBound]],
    profile: Profile,
    machine: Machine,
    manifest_sha256: str,
) -> Measured:
    """Each graph with the bound of the precision that it was measured in."""
    graphs = tuple(
        measured_graph(name, timing, bounds[ARITHMETIC[timing.precision]][graph], result.profile)
        for name, timing in result.graphs.items()
        if timing.precision in ARITHMETIC
        and (graph := graph_of(name)) in bounds[ARITHMETIC[timing.precision]]
    )
    return Measured(graphs, tuple(find_doubts(result, graphs, profile, machine, manifest_sha256)))


def graph_of(name: str) -> str:
    """As "ncnn/keyframe" is the keyframe graph in a further runtime."""
    return name.rpartition("/")[2]


def measured_graph(
    name: str, timing: GraphTiming, bound: GraphBound, profiles: Mapping[str, GraphProfile]
) -> MeasuredGraph:
    profile = profiles.get(name)
    layers, unassigned_ms = measured_layers(profile, bound.layers) if profile else ((), 0.0)
    return MeasuredGraph(
        name,
        timing.runtime,
        timing.precision,
        timing.median_ms,
        bound.bound_ms,
        share(bound.bound_ms, timing.median_ms),
        layers,
        unassigned_ms,
    )


def measured_layers(
    profile: GraphProfile, bounds: tuple[LayerBound, ...]
) -> tuple[tuple[MeasuredLayer, ...], float]:
    """What the runtime's layers took, by the layer of ours that has an operation of the name."""
    owners = {name: place for place, bound in enumerate(bounds) for name in bound.operations}
    measured_ms: dict[int, float] = {}
    unassigned_ms = 0.0
    for timing in profile.layers:
        if timing.name in owners:
            place = owners[timing.name]
            measured_ms[place] = measured_ms.get(place, 0.0) + timing.median_ms
        else:
            unassigned_ms += timing.median_ms
    layers = tuple(
        MeasuredLayer(one.name, one.type, ms, one.bound_ms, share(one.bound_ms, ms))
        for place, ms in sorted(measured_ms.items())
        for one in [bounds[place]]
    )
    return layers, unassigned_ms


def share(bound_ms: float, measured_ms: float) -> float:
    """0 for what took no time that the clock could see."""
    return bound_ms / measured_ms if measured_ms else 0.0


def find_doubts(
    result: BenchResult,
    graphs: tuple[MeasuredGraph, ...],
    profile: Profile,
    machine: Machine,
    manifest_sha256: str,
) -> Iterator[str]:
    if result.manifest_sha256 != manifest_sha256:
        yield "it measured another bundle than this one"
    if result.emulated:
        yield "it was measured in an emulator, whose times mean nothing"
    elif result.device is None or result.device.soc not in profile.soc:
        measured_on = "this machine" if result.device is None else result.device.soc or "a phone"
        yield f"it was measured on {measured_on}, which is no {profile.title}"
    if result.conditions.cluster not in (None, machine.cluster):
        yield (
            f"it was measured on a {result.conditions.cluster} core, the bound is a "
            f"{machine.cluster} one's"
        )
    if left_out := sorted({t.precision for t in result.graphs.values()} - ARITHMETIC.keys()):
        yield f"there is no bound for {', '.join(left_out)}"
    if faster := [graph.name for graph in graphs if graph.share > 1]:
        yield (
            f"faster than the bound: {', '.join(faster)}; the core, the precision or the "
            "algorithm is another one"
        )

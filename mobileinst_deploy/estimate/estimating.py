"""A bundle's estimate: the roofline bound of all its graphs on one core, and what is beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from android_bench.device.profiles import Profile
from android_bench.measurement.results import BenchResult
from export.manifest import MANIFEST_NAME, Bundle, digest
from mobileinst_deploy.estimate.amortising import amortised
from mobileinst_deploy.estimate.machine import FLOAT_BYTES, Machine, make_machine
from mobileinst_deploy.estimate.measured import Measured, compare_measured
from mobileinst_deploy.estimate.onnx_graph import OnnxGraph, read_graph
from mobileinst_deploy.estimate.published import PublishedBound, published_bound, published_for
from mobileinst_deploy.estimate.roofline import GraphBound, bound_graph
from mobileinst_deploy.estimate.settings import SETTINGS, Setting

SCHEMA_VERSION = 1
STATEMENT = (
    "A lower bound of the latency on one core, computed from the device's published numbers. "
    "It is no measurement: nothing can be faster, and what runs will be slower."
)
ASSUMPTIONS = (
    "Layers run one after the other, at the core's highest clock, with every vector lane busy.",
    "Element-wise operations are part of the layer that makes their input, if no other takes it.",
    "Reshapes, transposes, slices, gathers, concatenations and padding cost nothing.",
    "A layer reads each tensor that it takes once and writes what it makes once. A tensor comes "
    "from and goes to the fastest cache that holds it whole; weights come from the fastest that "
    "holds all weights of the graph, since a frame passes before they are read again.",
    "A bias or another summand costs no addition; an exponential or a division costs one.",
)
WINOGRAD = (
    "A 3x3 convolution of stride 1 costs the multiplications of the best of direct, F(2,3), F(4,3) "
    "and F(6,3); Winograd's transforms and its larger weights are left out."
)
WIDENED = "The core has no float16 arithmetic: fp16 halves the bytes and saves no operation."

Bounds = dict[str, GraphBound]  # by graph


@dataclass(frozen=True)
class Estimate:
    schema_version: int
    statement: str
    bundle: str
    manifest_sha256: str
    model: str
    machine: Machine
    convolution: str
    assumptions: tuple[str, ...]
    graphs: Bounds
    amortised_ms: dict[str, dict[str, float]]  # by schedule and T; empty without reuse graphs
    published: tuple[PublishedBound, ...]  # empty for another network, size or chip
    measured: Measured | None  # None: no result was given


def estimate(
    bundle: Bundle,
    profile: Profile,
    core: str,
    setting: Setting,
    result: BenchResult | None = None,
) -> Estimate:
    """Raises InputError for a graph that can't be read, BenchError for a core that is not there."""
    graphs = {
        name: read_graph(bundle.locate(bundle.artifact(name, "onnx").files[0]))
        for name in bundle.manifest.graphs
    }
    machine = make_machine(profile, core, setting.precision)
    bounds = {one: bound_all(graphs, profile, core, one) for one in SETTINGS}
    sha256 = digest(bundle.path / MANIFEST_NAME)
    return Estimate(
        SCHEMA_VERSION,
        STATEMENT,
        bundle.path.resolve().name,
        sha256,
        bundle.manifest.model.name,
        machine,
        setting.convolution,
        assumptions(machine, setting),
        bounds[setting],
        amortised(totals_ms(bounds[setting])),
        published_bounds(bundle, profile, bounds),
        compare(result, bounds, setting, profile, machine, sha256) if result else None,
    )


def bound_all(
    graphs: Mapping[str, OnnxGraph], profile: Profile, core: str, setting: Setting
) -> Bounds:
    machine = make_machine(profile, core, setting.precision)
    return {name: bound_graph(one, machine, setting.convolution) for name, one in graphs.items()}


def totals_ms(bounds: Bounds) -> dict[str, float]:
    return {name: bound.bound_ms for name, bound in bounds.items()}


def without_layers(estimate: Estimate) -> Estimate:
    graphs = {name: replace(one, layers=()) for name, one in estimate.graphs.items()}
    measured = estimate.measured
    if measured is not None:
        of_result = tuple(replace(one, layers=()) for one in measured.graphs)
        measured = replace(measured, graphs=of_result)
    return replace(estimate, graphs=graphs, measured=measured)


def assumptions(machine: Machine, setting: Setting) -> tuple[str, ...]:
    found = [*ASSUMPTIONS]
    if setting.convolution == "winograd":
        found.append(WINOGRAD)
    if setting.precision == "fp16" and not machine.fp16_arithmetic:
        found.append(WIDENED)
    return (*found, *machine.assumed)


def published_bounds(
    bundle: Bundle, profile: Profile, bounds: Mapping[Setting, Bounds]
) -> tuple[PublishedBound, ...]:
    totals = {setting.name: totals_ms(own) for setting, own in bounds.items()}
    found = (published_bound(figure, totals) for figure in published_for(bundle, profile))
    return tuple(one for one in found if one is not None)


def compare(
    result: BenchResult,
    bounds: Mapping[Setting, Bounds],
    setting: Setting,
    profile: Profile,
    machine: Machine,
    sha256: str,
) -> Measured:
    of_precision = {
        precision: bounds[replace(setting, precision=precision)] for precision in FLOAT_BYTES
    }
    return compare_measured(result, of_precision, profile, machine, sha256)

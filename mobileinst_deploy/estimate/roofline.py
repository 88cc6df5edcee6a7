"""The roofline bound of layers and graphs: no less than their arithmetic, no less than their bytes.

Williams, Waterman & Patterson, Roofline: An Insightful Visual Performance Model for Multicore
Architectures (CACM 2009), with a slope for each level of the memory:

    layer ≥ max(operations / peak, bytes from level k and beyond / bandwidth of level k, all k)

Each tensor counts once, at the fastest level that holds it whole; a weight, which is read again
only a frame later, at the fastest that holds all weights of the graph.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mobileinst_deploy.estimate import winograd
from mobileinst_deploy.estimate.counting import count_macs, count_others, is_counted
from mobileinst_deploy.estimate.layers import Layer, layers_of
from mobileinst_deploy.estimate.machine import Level, Machine
from mobileinst_deploy.estimate.onnx_graph import OnnxGraph, Tensor

Convolution = Literal["direct", "winograd"]
COMPUTE = "compute"
GIGA = 1e9
MS = 1e3


@dataclass(frozen=True)
class LayerBound:
    name: str  # of its last operation
    type: str  # its operations, as in Conv+Relu
    operations: tuple[str, ...]  # their names
    shape: tuple[int, ...]  # of its first output
    macs: int  # multiply-adds as the operation is defined
    algorithm: str | None  # direct, F(4,3) …: of a convolution; None: it is none
    multiplications: int  # what the algorithm leaves of the macs
    other_operations: int  # of vector lanes
    bytes_read: int  # without weights
    bytes_of_weights: int
    bytes_written: int
    compute_ms: float
    memory_ms: float
    bound_ms: float
    ruled_by: str  # compute, or the level whose bandwidth rules


@dataclass(frozen=True)
class GraphBound:
    macs: int
    multiplications: int
    bytes_of_weights: int  # each once
    bytes_moved: int  # read and written, weights too
    compute_ms: float  # if nothing had to be read or written
    memory_ms: float  # if nothing had to be computed
    bound_ms: float  # its layers' bounds, one after the other
    ruled_ms: dict[str, float]  # of it, by what rules: compute, or a level's bandwidth
    uncounted: tuple[str, ...]  # types of operations whose arithmetic is not counted
    layers: tuple[LayerBound, ...]


@dataclass(frozen=True)
class Traffic:
    """A tensor's bytes and the place, among a machine's levels, of the one that holds it."""

    bytes: int
    level: int


def bound_graph(graph: OnnxGraph, machine: Machine, convolution: Convolution) -> GraphBound:
    weight_bytes = sum(weight.bytes(machine.float_bytes) for weight in graph.weights)
    weights_at = level_of(weight_bytes, machine.levels)
    layers = layers_of(graph)
    bounds = tuple(bound_layer(layer, machine, convolution, weights_at) for layer in layers)
    return GraphBound(
        macs=sum(one.macs for one in bounds),
        multiplications=sum(one.multiplications for one in bounds),
        bytes_of_weights=weight_bytes,
        bytes_moved=sum(
            one.bytes_read + one.bytes_of_weights + one.bytes_written for one in bounds
        ),
        compute_ms=sum(one.compute_ms for one in bounds),
        memory_ms=sum(one.memory_ms for one in bounds),
        bound_ms=sum(one.bound_ms for one in bounds),
        ruled_ms={
            rule: sum(one.bound_ms for one in bounds if one.ruled_by == rule)
            for rule in dict.fromkeys(one.ruled_by for one in bounds)
        },
        uncounted=uncounted(layers),
        layers=bounds,
    )


def uncounted(layers: Sequence[Layer]) -> tuple[str, ...]:
    """An operation that joined another is element-wise, and all of these are counted."""
    first = (layer.operations[0] for layer in layers)
    return tuple(sorted({one.type for one in first if not is_counted(one)}))


def bound_layer(
    layer: Layer, machine: Machine, convolution: Convolution, weights_at: int
) -> LayerBound:
    first = layer.operations[0]
    macs = count_macs(first)
    multiplications, algorithm = (
        winograd.least(first, macs) if convolution == "winograd" else (macs, winograd.DIRECT)
    )
    others = sum(count_others(one) for one in layer.operations)
    compute_ms = (multiplications + others) / (machine.gmacs_s * GIGA) * MS
    traffic = traffic_of(layer, machine, weights_at)
    memory_ms, level = slowest(traffic, machine.levels)
    return LayerBound(
        layer.name,
        layer.type,
        tuple(one.name for one in layer.operations),
        layer.writes[0].shape,
        macs,
        algorithm if first.type == "Conv" else None,
        multiplications,
        others,
        total_bytes(layer.reads, machine),
        total_bytes(layer.weights, machine),
        total_bytes(layer.writes, machine),
        compute_ms,
        memory_ms,
        max(compute_ms, memory_ms),
        COMPUTE if compute_ms >= memory_ms else level,
    )


def total_bytes(tensors: Sequence[Tensor], machine: Machine) -> int:
    return sum(tensor.bytes(machine.float_bytes) for tensor in tensors)


def traffic_of(layer: Layer, machine: Machine, weights_at: int) -> list[Traffic]:
    activations = [tensor.bytes(machine.float_bytes) for tensor in (*layer.reads, *layer.writes)]
    return [
        *(Traffic(size, level_of(size, machine.levels)) for size in activations),
        Traffic(total_bytes(layer.weights, machine), weights_at),
    ]


def level_of(size: int, levels: Sequence[Level]) -> int:
    """The place of the fastest level that holds so many bytes."""
    return next(place for place, level in enumerate(levels) if level.holds(size))


def slowest(traffic: Sequence[Traffic], levels: Sequence[Level]) -> tuple[float, str]:
    """The longest of all levels' times in ms, and that level's name.

    What comes from a level passes through all faster ones on its way, at the same time.
    """
    times = [
        (
            sum(one.bytes for one in traffic if one.level >= place) / (level.gb_s * GIGA) * MS,
            level.name,
        )
        for place, level in enumerate(levels)
    ]
    return max(times, key=lambda time: time[0])

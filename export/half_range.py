"""Finds what float16 can't hold: the range of every tensor of a graph on real frames.

The float32 model runs in ONNX Runtime, so these are the ranges of the network itself; they are
merged over the frames. Needs no torch.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from export.errors import ConversionError
from export.half_verdict import Kind, Range, Tally, count, summarise
from export.inner_sums import sum_of_input, sum_of_output
from export.onnx_tensors import Arrays
from export.tensor_runs import Feeds, each_tensor, float_outputs

Readers = defaultdict[str, list[onnx.NodeProto]]  # tensor -> the nodes that read it
Nodes = Mapping[str, onnx.NodeProto]  # tensor -> the node that computes it


def half_ranges(model: onnx.ModelProto, frames: Sequence[Feeds]) -> list[Range]:
    """Of every float32 input, weight and tensor in between; these in order of computation.

    `frames` are inputs by name, one mapping a frame. Raises ConversionError where the model does
    not run, or where a tensor is not finite in float32 itself.
    """
    if not frames:
        raise ConversionError("expected one frame or more to find ranges on, got none")
    nodes = float_outputs(model)
    constants = {w.name: numpy_helper.to_array(w) for w in model.graph.initializer}
    readers = readers_of(model)
    tallies: dict[str, Tally] = {}
    sums: dict[str, float] = {}
    for tensor, array in observe(model, nodes, constants, frames):
        check_finite(model, tensor, array)
        tally = count(array)
        tallies[tensor] = tallies[tensor] + tally if tensor in tallies else tally
        for layer, value in inner_sums(tensor, array, nodes, readers, constants):
            sums[layer] = max(value, sums.get(layer, 0.0))
    inputs = {value.name for value in model.graph.input}
    return [
        summarise(t, *place(t, nodes, readers, t in inputs), tally, sums.get(t))
        for t, tally in tallies.items()
    ]


def find_islands(ranges: Iterable[Range]) -> frozenset[str]:
    """The tensors whose layers have to stay in float32."""
    lost = (r for r in ranges if r.verdict in ("overflows", "vanishes"))
    return frozenset(layer for r in lost for layer in r.layers)


def observe(
    model: onnx.ModelProto, nodes: Nodes, constants: Arrays, frames: Sequence[Feeds]
) -> Iterator[tuple[str, NDArray[Any]]]:
    """Every float32 tensor on every frame; the weights once."""
    given = (item for feeds in frames for item in feeds.items())
    yield from ((name, x) for name, x in given if x.dtype == np.float32)
    yield from ((name, w) for name, w in constants.items() if w.dtype == np.float32)
    yield from each_tensor(model, list(nodes), frames)


def check_finite(model: onnx.ModelProto, tensor: str, array: NDArray[Any]) -> None:
    if not np.isfinite(array).all():
        raise ConversionError(
            f"{model.graph.name}: {tensor} has NaN or infinity in float32 already; "
            "check the weights and the frames"
        )


def inner_sums(
    tensor: str, array: NDArray[Any], nodes: Nodes, readers: Readers, constants: Arrays
) -> Iterator[tuple[str, float]]:
    """What the layers around a tensor add up: (the layer's tensor, the largest sum)."""
    if tensor in nodes and (found := sum_of_output(nodes[tensor], array)) is not None:
        yield tensor, found
    for node in readers[tensor]:
        if node.input[0] == tensor:
            found = sum_of_input(node, array, constants)
            if found is not None:
                yield node.output[0], found


def readers_of(model: onnx.ModelProto) -> Readers:
    readers: Readers = defaultdict(list)
    for node in model.graph.node:
        for name in dict.fromkeys(node.input):
            readers[name].append(node)
    return readers


def place(
    tensor: str, nodes: Nodes, readers: Readers, is_input: bool
) -> tuple[Kind, str, tuple[str, ...]]:
    """The kind, operation and layers of a Range."""
    if tensor in nodes:
        return "activation", nodes[tensor].op_type, (tensor,)
    users = readers[tensor]
    layers = tuple(name for node in users for name in node.output if name in nodes)
    return "input" if is_input else "weight", users[0].op_type if users else "", layers

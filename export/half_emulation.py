"""Emulates float16 arithmetic: the model in ONNX Runtime, every tensor rounded to float16.

After every node its outputs are cast to float16 and back, beyond 65504 to infinity; so are inputs
and weights. Inside a node sums are float32. That is ncnn on an ARM core with float16 storage and
float32 arithmetic: on mobileinst-topformer-t at 96×160, masks came out 0.018 of the largest value
away from float32 in both. It can't show what a kernel loses that adds up in float16 (0.21 in
ncnn's float16 arithmetic, there), nor what a runtime fuses and never stores, nor a kernel's own
faults: that takes the runtime on an ARM core. Needs no torch.
"""

from collections.abc import Iterator

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from export.onnx_tensors import Arrays, onnx_session, run_onnx
from export.tensor_runs import Feeds, float_outputs

NO_ISLANDS: frozenset[str] = frozenset()


def emulate_half(model: onnx.ModelProto, islands: frozenset[str] = NO_ISLANDS) -> onnx.ModelProto:
    """A copy that rounds, except for the layers of `islands`, names of tensors.

    Layers that compute such a tensor, or read it, keep their weights in float32; the tensor itself
    is not rounded, but what its readers give is. To be run without graph optimisations, as by
    `run_half`, lest casts are fused away. Raises ConversionError where a type is unknown.
    """
    result = onnx.ModelProto()
    result.CopyFrom(model)
    graph = result.graph
    round_weights(graph, islands)
    given = {v.name for v in graph.input if v.type.tensor_type.elem_type == TensorProto.FLOAT}
    round_readings(graph, {name: f"{name}/rounded" for name in given - islands})
    computed = [name for name in float_outputs(model) if name not in islands]
    round_outputs(graph, {name: f"{name}/float32" for name in computed})
    return result


def run_half(model: onnx.ModelProto, feeds: Feeds, islands: frozenset[str] = NO_ISLANDS) -> Arrays:
    """The outputs of the emulation by name. Raises ConversionError."""
    emulation = emulate_half(model, islands).SerializeToString()
    return run_onnx(onnx_session(emulation, optimise=False), feeds)


def round_weights(graph: onnx.GraphProto, islands: frozenset[str]) -> None:
    """In place; a weight that any island's layer reads stays as it is for all its readers."""
    kept = {
        name
        for node in graph.node
        if not islands.isdisjoint((*node.input, *node.output))
        for name in node.input
    }
    for weight in graph.initializer:
        if weight.data_type == TensorProto.FLOAT and weight.name not in kept:
            rounded = as_half(numpy_helper.to_array(weight))
            weight.CopyFrom(numpy_helper.from_array(rounded, weight.name))


def as_half(array: NDArray[np.float32]) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):  # infinity is the answer
        return array.astype(np.float16).astype(np.float32)


def round_readings(graph: onnx.GraphProto, table: dict[str, str]) -> None:
    """In place: what reads an input of the table reads it rounded, by its new name."""
    for node in graph.node:
        node.input[:] = [table.get(name, name) for name in node.input]
    for name, rounded in reversed(table.items()):
        for position, cast in enumerate(casts(name, rounded)):
            graph.node.insert(position, cast)


def round_outputs(graph: onnx.GraphProto, table: dict[str, str]) -> None:
    """In place: tensors of the table keep their names rounded, and get the new one before."""
    nodes = []
    for node in graph.node:
        rounded = [name for name in node.output if name in table]
        node.output[:] = [table.get(name, name) for name in node.output]
        nodes.append(node)
        nodes += [cast for name in rounded for cast in casts(table[name], name)]
    copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del graph.node[:]
    graph.node.extend(copies)


def casts(source: str, target: str) -> Iterator[onnx.NodeProto]:
    half = f"{target}/half"
    yield helper.make_node("Cast", [source], [half], name=half, to=TensorProto.FLOAT16)
    yield helper.make_node("Cast", [half], [target], name=f"{target}/back", to=TensorProto.FLOAT)

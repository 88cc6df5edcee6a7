"""An ONNX graph as the roofline sees it: operations, and tensors with their shapes and sizes.

What depends on constants alone is a constant: a runtime computes it once, when it loads the graph.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto, helper, shape_inference

from mobileinst_deploy.errors import InputError

FREE_KERNELS = 10  # that a graph is counted with which takes any number
FREE_SIDES = {"n": FREE_KERNELS, "9n": 9 * FREE_KERNELS}
FLOATS = (TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE, TensorProto.BFLOAT16)


@dataclass(frozen=True)
class Tensor:
    name: str
    shape: tuple[int, ...]
    is_float: bool
    item_bytes: int  # of one number as the file has it
    constant: bool = False

    @property
    def size(self) -> int:
        """Numbers in it."""
        return math.prod(self.shape)

    def bytes(self, float_bytes: int) -> int:
        """With floating point numbers of so many bytes."""
        return self.size * (float_bytes if self.is_float else self.item_bytes)


@dataclass(frozen=True)
class Operation:
    name: str
    type: str
    inputs: tuple[Tensor, ...]  # without the optional ones that are not given
    outputs: tuple[Tensor, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class OnnxGraph:
    inputs: tuple[Tensor, ...]
    outputs: tuple[str, ...]
    operations: tuple[Operation, ...]  # in the order of the file; none that is constant

    @property
    def weights(self) -> tuple[Tensor, ...]:
        """The constants that operations take, each once."""
        found = {t.name: t for one in self.operations for t in one.inputs if t.constant}
        return tuple(found.values())


def read_graph(path: Path) -> OnnxGraph:
    """Raises InputError where the file is no ONNX model or a shape can't be told."""
    try:
        return graph_of(onnx.load(path))
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except Exception as error:  # protobuf's and onnx's errors share no base but this
        raise InputError(f"{path} can't be read as an ONNX model: {error}") from error


def graph_of(model: onnx.ModelProto) -> OnnxGraph:
    """Raises InputError where a shape can't be told."""
    graph = inferred(model).graph
    known = {tensor.name: tensor for tensor in map(tensor_of_constant, graph.initializer)}
    infos = [*graph.input, *graph.value_info, *graph.output]
    known |= {t.name: t for t in map(tensor_of_value, infos) if t.name not in known}
    operations = []
    for node in graph.node:
        operation = operation_of(node, known)
        if all(tensor.constant for tensor in operation.inputs):
            known |= {t.name: as_constant(t) for t in operation.outputs}
        else:
            operations.append(operation)
    inputs = tuple(known[value.name] for value in graph.input)
    return OnnxGraph(inputs, tuple(value.name for value in graph.output), tuple(operations))


def inferred(model: onnx.ModelProto) -> onnx.ModelProto:
    """With every shape, free sides as FREE_SIDES has them."""
    fixed = onnx.ModelProto()
    fixed.CopyFrom(model)
    for value in (*fixed.graph.input, *fixed.graph.output):
        for side in value.type.tensor_type.shape.dim:
            if side.dim_param in FREE_SIDES:
                side.dim_value = FREE_SIDES[side.dim_param]
    del fixed.graph.value_info[:]
    return shape_inference.infer_shapes(fixed, check_type=True, data_prop=True)


def operation_of(node: onnx.NodeProto, known: Mapping[str, Tensor]) -> Operation:
    missing = [name for name in (*node.input, *node.output) if name and name not in known]
    if missing:
        raise InputError(f"no shape can be inferred for {missing[0]!r} of {node.op_type}")
    return Operation(
        node.name or node.output[0],
        node.op_type,
        tuple(known[name] for name in node.input if name),
        tuple(known[name] for name in node.output if name),
        {one.name: helper.get_attribute_value(one) for one in node.attribute},
    )


def tensor_of_constant(constant: onnx.TensorProto) -> Tensor:
    return make_tensor(constant.name, constant.dims, constant.data_type, constant=True)


def tensor_of_value(value: onnx.ValueInfoProto) -> Tensor:
    typed = value.type.tensor_type
    sides = [side.dim_value for side in typed.shape.dim]
    if not typed.HasField("shape") or not all(sides):
        shown = "x".join(side.dim_param or str(side.dim_value) for side in typed.shape.dim)
        raise InputError(f"the shape of {value.name!r} is not fixed ({shown or 'unknown'})")
    return make_tensor(value.name, sides, typed.elem_type)


def make_tensor(name: str, sides: Iterable[int], kind: int, constant: bool = False) -> Tensor:
    item_bytes = helper.tensor_dtype_to_np_dtype(kind).itemsize
    return Tensor(name, tuple(sides), kind in FLOATS, item_bytes, constant)


def as_constant(tensor: Tensor) -> Tensor:
    return Tensor(tensor.name, tensor.shape, tensor.is_float, tensor.item_bytes, constant=True)

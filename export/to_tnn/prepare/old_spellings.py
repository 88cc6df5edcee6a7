"""Older operator sets say with attributes what newer ones say with inputs. One spelling is left."""

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx_ir as ir
from numpy.typing import NDArray

from export.to_tnn.prepare.graph_edit import (
    become,
    before,
    constant,
    graph_of,
    operand,
    shape_of,
)

#: operator: attributes that became inputs, in the inputs' order; the first input stays
#: https://github.com/onnx/onnx/blob/main/docs/Changelog.md
BECAME_INPUTS = {
    "Clip": ("min", "max"),  # opset 11
    "Pad": ("pads", "value"),  # 11
    "Slice": ("starts", "ends", "axes"),  # 10
    "Squeeze": ("axes",),  # 13
    "Unsqueeze": ("axes",),  # 13
    "Split": ("split",),  # 13
    "ReduceSum": ("axes",),  # 13, the others 18
    "ReduceMean": ("axes",),
    "ReduceMax": ("axes",),
    "ReduceMin": ("axes",),
    "ReduceProd": ("axes",),
    "ReduceL1": ("axes",),
    "ReduceL2": ("axes",),
    "ReduceLogSum": ("axes",),
    "ReduceLogSumExp": ("axes",),
    "ReduceSumSquare": ("axes",),
}
SOFTMAX_BY_AXIS = 13  # before, Softmax took all axes behind `axis` together


def one_spelling(graph: ir.Graph) -> None:
    """Edits in place."""
    for node in list(graph):
        if node.op_type in BECAME_INPUTS:
            attributes_to_inputs(node, BECAME_INPUTS[node.op_type])
        if node.op_type in SPELLINGS:
            SPELLINGS[node.op_type](node)


def attributes_to_inputs(node: ir.Node, names: tuple[str, ...]) -> None:
    given = {name: node.attributes.pop(name) for name in names if name in node.attributes}
    if not given:
        return
    node.resize_inputs(1 + len(names))
    for place, name in enumerate(names, start=1):
        found = given.get(name)
        value = None if found is None else constant(node, name, values_of(found))
        node.replace_input_with(place, value)


def values_of(attribute: ir.Attr) -> NDArray[Any]:
    if attribute.type == ir.AttributeType.FLOAT:
        return np.array(attribute.as_float(), np.float32)
    return np.array(attribute.as_ints(), np.int64)


def upsample(node: ir.Node) -> None:
    """Upsample-9 is Resize-11 with these rules."""
    x, scales = node.inputs
    mode = node.attributes.get_string("mode", "nearest")
    rules = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    become(node, "Resize", [x, None, scales], rules | {"mode": mode})


def resize(node: ir.Node) -> None:
    """Resize-10 had Upsample-9's inputs and rules."""
    if len(node.inputs) == 2:
        upsample(node)


def split(node: ir.Node) -> None:
    """Sizes that follow from the number of outputs become numbers."""
    if len(node.inputs) > 1 and node.inputs[1] is not None:
        return
    axis = node.attributes.get_int("axis", 0)
    sizes = [shape_of(value)[axis] for value in node.outputs]
    node.resize_inputs(2)
    node.replace_input_with(1, constant(node, "split", np.array(sizes, np.int64)))


def softmax(node: ir.Node) -> None:
    """The softmax of everything behind an axis, as one over the last axis of two."""
    if graph_of(node).opset_imports.get("", SOFTMAX_BY_AXIS) >= SOFTMAX_BY_AXIS:
        return
    x = operand(node)
    shape = shape_of(x)
    axis = node.attributes.get_int("axis", 1) % len(shape)
    node.attributes["axis"] = ir.AttrInt64("axis", axis)
    if axis == len(shape) - 1:
        return
    sides = (int(np.prod(shape[:axis])), int(np.prod(shape[axis:])))
    flat = before(node, "flat", "Flatten", [x], sides, axis=axis)
    rows = before(node, "rows", "Softmax", [flat], sides, axis=1)
    become(node, "Reshape", [rows, constant(node, "shape", np.array(shape, np.int64))])


def chain(op_type: str) -> Callable[[ir.Node], None]:
    """Several operands, two at a time."""

    def rewrite(node: ir.Node) -> None:
        first, *middle = [value for value in node.inputs if value is not None]
        if not middle:
            become(node, "Identity", [first])
            return
        for place, value in enumerate(middle[:-1]):
            shape = np.broadcast_shapes(shape_of(first), shape_of(value))
            first = before(node, str(place), op_type, [first, value], shape)
        become(node, op_type, [first, middle[-1]])

    return rewrite


SPELLINGS: dict[str, Callable[[ir.Node], None]] = {
    "Upsample": upsample,
    "Resize": resize,
    "Split": split,
    "Softmax": softmax,
    "Sum": chain("Add"),
    "Max": chain("Max"),
    "Min": chain("Min"),
}

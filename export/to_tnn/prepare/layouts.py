"""What TNN has in one arrangement of axes only, with the arranging spelled around it."""

from collections.abc import Callable

import numpy as np
import onnx_ir as ir

from export.to_tnn.prepare.graph_edit import (
    array_of,
    become,
    before,
    constant,
    operand,
    shape_of,
)
from export.to_tnn.prepare.products import expanded


def one_layout(graph: ir.Graph) -> None:
    """Edits in place."""
    for node in list(graph):
        if node.op_type in LAYOUTS:
            LAYOUTS[node.op_type](node)


def softmax(node: ir.Node) -> None:
    """Not over axis 0, which ARM refuses."""
    x = operand(node)
    shape = shape_of(x)
    if node.attributes.get_int("axis", -1) not in (0, -len(shape)):
        return
    if len(shape) == 1:
        row = as_shape(node, "row", x, (1, *shape))
        soft = before(node, "soft", "Softmax", [row], (1, *shape), axis=1)
        become(node, "Reshape", [soft, constant(node, "shape", np.array(shape, np.int64))])
        return
    perm = (len(shape) - 1, *range(1, len(shape) - 1), 0)
    turned_shape = tuple(shape[axis] for axis in perm)
    turned = before(node, "turned", "Transpose", [x], turned_shape, perm=perm)
    soft = before(node, "soft", "Softmax", [turned], turned_shape, axis=len(shape) - 1)
    become(node, "Transpose", [soft], {"perm": perm})


def depth_to_space(node: ir.Node) -> None:
    """Mode DCR, which has the block before the channels, as CRD of sorted channels."""
    x, size = operand(node), node.attributes["blocksize"].as_int()
    if node.attributes.get_string("mode", "DCR") == "CRD":
        return
    batch, channels, height, width = shape_of(x)
    blocks, rest = size * size, channels // (size * size)
    split = as_shape(node, "blocks", x, (batch, blocks, rest, height * width))
    sides = (batch, rest, blocks, height * width)
    turned = before(node, "turned", "Transpose", [split], sides, perm=(0, 2, 1, 3))
    sorted_channels = as_shape(node, "sorted", turned, shape_of(x))
    become(node, "DepthToSpace", [sorted_channels], {"blocksize": size, "mode": "CRD"})


def operand_shape(node: ir.Node) -> None:
    """A constant that is larger than the other operand: that one gets the result's shape.

    ARM computes garbage in float16 where a constant enlarges a blob; another blob may.
    """
    for place, value in enumerate(node.inputs):
        other = array_of(node.inputs[1 - place])
        if value is None or other is None or array_of(value) is not None:
            continue
        shape = shape_of(value)
        if missing := max(0, other.ndim - len(shape)):
            shape = (1,) * missing + shape
            value = as_shape(node, "axes", value, shape)
        if shape != (whole := np.broadcast_shapes(shape, other.shape)):
            value = expanded(node, "whole", value, whole)
        node.replace_input_with(place, value)


def as_shape(node: ir.Node, suffix: str, value: ir.Value, shape: tuple[int, ...]) -> ir.Value:
    wanted = constant(node, f"{suffix}_shape", np.array(shape, np.int64))
    return before(node, suffix, "Reshape", [value, wanted], shape)


LAYOUTS: dict[str, Callable[[ir.Node], None]] = {
    "Softmax": softmax,
    "DepthToSpace": depth_to_space,
    **dict.fromkeys(("Add", "Sub", "Mul", "Div", "Max", "Min", "Pow"), operand_shape),
}

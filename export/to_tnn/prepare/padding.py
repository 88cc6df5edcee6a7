"""Padding as TNN has it: one number an axis, and outside of what an average counts."""

from collections.abc import Sequence

import numpy as np
import onnx_ir as ir
from numpy.typing import NDArray

from export.to_tnn.prepare.graph_edit import become, before, constant, operand, shape_of

FLOAT_MIN = float(np.finfo(np.float32).min)
FILL = {"Conv": 0.0, "AveragePool": 0.0, "MaxPool": FLOAT_MIN}  # what padding holds
NONE = [0, 0, 0, 0]


def one_pad_an_axis(graph: ir.Graph) -> None:
    """Edits in place; what is padded in a node before it is exactly the same."""
    for node in list(graph):
        if node.op_type in FILL and len(shape_of(operand(node))) == 4:
            rewrite(node)


def rewrite(node: ir.Node) -> None:
    """Leaves explicit pads, or SAME_UPPER of a convolution where its ends differ."""
    pads = explicit_pads(node, node.attributes.get_string("auto_pad", "NOTSET") or "NOTSET")
    counted = any(pads) and node.attributes.get_int("count_include_pad") == 1
    uneven = pads[:2] != pads[2:]
    ceil = node.attributes.get_int("ceil_mode") == 1  # which windows there are depends on pads
    if not (counted or uneven) or ceil:
        set_pads(node, "NOTSET", pads)
    elif node.op_type == "Conv" and is_same_upper(node, pads):
        set_pads(node, "SAME_UPPER", NONE)
    elif node.op_type == "AveragePool" and not counted:
        average_inside(node, pads)
    else:
        node.replace_input_with(0, padded(node, pads))
        set_pads(node, "NOTSET", NONE)


def average_inside(node: ir.Node, pads: Sequence[int]) -> None:
    """An average of what is inside: the average with zeros around it, times a factor a window."""
    shape, sizes, strides = shape_of(node.outputs[0]), kernel(node), steps(node, "strides")
    axes = zip(shape_of(operand(node))[2:], sizes, strides, pads[:2], shape[2:], strict=True)
    rows, columns = (window_factors(*axis) for axis in axes)
    factors = constant(node, "factors", np.outer(rows, columns).astype(np.float32))
    x = padded(node, pads)
    windows = {"kernel_shape": sizes, "strides": strides, "dilations": steps(node, "dilations")}
    become(node, "Mul", [before(node, "zeros", "AveragePool", [x], shape, **windows), factors])


def window_factors(side: int, size: int, stride: int, pad: int, out: int) -> NDArray[np.float64]:
    """Window size over samples inside, for every window along an axis."""
    starts = np.arange(out) * stride - pad
    return size / (np.minimum(starts + size, side) - np.maximum(starts, 0))


def set_pads(node: ir.Node, auto_pad: str, pads: Sequence[int]) -> None:
    node.attributes["auto_pad"] = ir.AttrString("auto_pad", auto_pad)
    node.attributes["pads"] = ir.AttrInt64s("pads", pads)


def explicit_pads(node: ir.Node, auto_pad: str) -> list[int]:
    """Top, left, bottom, right, as the standard computes them from the sizes."""
    if auto_pad == "NOTSET":
        return list(node.attributes.get_ints("pads") or NONE)
    if auto_pad == "VALID":
        return NONE
    totals = [max(0, total) for total in same_totals(node)]
    small, large = [t // 2 for t in totals], [t - t // 2 for t in totals]
    return small + large if auto_pad == "SAME_UPPER" else large + small


def same_totals(node: ir.Node) -> list[int]:
    """How much both axes need so that the result has ceil(side / stride) elements."""
    sides, strides = shape_of(operand(node))[2:], steps(node, "strides")
    sizes = zip(kernel(node), steps(node, "dilations"), strict=True)
    spread = [(size - 1) * step + 1 for size, step in sizes]
    axes = zip(sides, spread, strides, strict=True)
    return [(-(-side // stride) - 1) * stride + size - side for side, size, stride in axes]


def is_same_upper(node: ir.Node, pads: Sequence[int]) -> bool:
    """Whether TNN's rule, which knows no negative totals, gives these pads."""
    return min(same_totals(node)) >= 0 and explicit_pads(node, "SAME_UPPER") == pads


def kernel(node: ir.Node) -> Sequence[int]:
    if node.op_type == "Conv":
        return shape_of(operand(node, 1))[2:]
    return node.attributes["kernel_shape"].as_ints()


def steps(node: ir.Node, name: str) -> Sequence[int]:
    return node.attributes.get_ints(name) or (1, 1)


def padded(node: ir.Node, pads: Sequence[int]) -> ir.Value:
    """The node's input with these pads around it."""
    x = operand(node)
    top, left, bottom, right = pads
    batch, channels, height, width = shape_of(x)
    amounts = np.array([0, 0, top, left, 0, 0, bottom, right], np.int64)
    fill = np.array(FILL[node.op_type], np.float32)
    operands = [x, constant(node, "pads", amounts), constant(node, "fill", fill)]
    shape = (batch, channels, height + top + bottom, width + left + right)
    return before(node, "padded", "Pad", operands, shape)

"""GroupNormalization that is spelled with an InstanceNormalization between two reshapes.

Before opset 21 ONNX has no group norm of PyTorch's kind, and its exporter writes
[B, C, …] -> [B, G, …] -> InstanceNormalization -> [B, C, …], times γ, plus β.
"""

from typing import Any, NamedTuple

import numpy as np
import onnx_ir as ir
from numpy.typing import NDArray

from export.to_tnn.prepare.graph_edit import (
    array_of,
    become,
    constant,
    only_user,
    operand,
    producer,
    shape_of,
)

Array = NDArray[Any]


class Affine(NamedTuple):
    """y = scale · x + bias, both [C], as the node `end` gives it."""

    end: ir.Node
    scale: Array
    bias: Array


def find_group_norm(graph: ir.Graph) -> None:
    """Edits in place."""
    for node in list(graph):
        if node.op_type == "InstanceNormalization" and (found := grouped(node)):
            x, affine = found
            operands = [
                x,
                constant(affine.end, "scale", affine.scale),
                constant(affine.end, "bias", affine.bias),
            ]
            attributes = {
                "num_groups": shape_of(operand(node))[1],
                "epsilon": node.attributes.get_float("epsilon", 1e-5),
            }
            become(affine.end, "GroupNormalization", operands, attributes)


def grouped(norm: ir.Node) -> tuple[ir.Value, Affine] | None:
    """What is normalised, and what scales it in the end; None for a norm of single channels."""
    inward, outward = producer(norm.inputs[0], "Reshape"), only_user(norm.outputs[0])
    factors, terms = array_of(norm.inputs[1]), array_of(norm.inputs[2])
    if inward is None or outward is None or outward.op_type != "Reshape":
        return None
    x = operand(inward)
    shape, groups = shape_of(x), shape_of(operand(norm))
    unlike = shape_of(outward.outputs[0]) != shape or len(shape) < 3 or shape[0] != groups[0]
    if unlike or shape[1] % groups[1] or factors is None or terms is None:
        return None
    each = shape[1] // groups[1]
    affine = Affine(outward, np.repeat(factors, each), np.repeat(terms, each))
    return x, shifted(scaled(affine, shape), shape)


def scaled(affine: Affine, shape: tuple[int, ...]) -> Affine:
    """With the product behind it, where that has one factor a channel."""
    end, factors = behind(affine.end, "Mul", shape)
    if factors is None:
        return affine
    return Affine(end, affine.scale * factors, affine.bias * factors)


def shifted(affine: Affine, shape: tuple[int, ...]) -> Affine:
    """With the sum behind it, where that has one term a channel."""
    end, terms = behind(affine.end, "Add", shape)
    return affine if terms is None else Affine(end, affine.scale, affine.bias + terms)


def behind(node: ir.Node, op_type: str, shape: tuple[int, ...]) -> tuple[ir.Node, Array | None]:
    """The one node that takes this one's result, and its constant operand as [C]."""
    user = only_user(node.outputs[0])
    if user is None or user.op_type != op_type:
        return node, None
    other = next((value for value in user.inputs if value is not node.outputs[0]), None)
    return user, per_channel(array_of(other), shape)


def per_channel(array: Array | None, shape: tuple[int, ...]) -> Array | None:
    """[C] of an array that is the same along all other axes of `shape`; None where it is not."""
    sides = (1, shape[1], *(1,) * (len(shape) - 2))
    if array is None or array.ndim > len(shape):
        return None
    full = array.reshape((1,) * (len(shape) - array.ndim) + array.shape)
    if any(side not in (1, wanted) for side, wanted in zip(full.shape, sides, strict=True)):
        return None
    return np.broadcast_to(full, sides).reshape(-1)

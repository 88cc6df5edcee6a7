"""LayerNormalization that is spelled out in up to nine nodes."""

import numpy as np
import onnx_ir as ir

from export.to_tnn.prepare.graph_edit import (
    array_of,
    become,
    constant,
    is_close,
    number_of,
    only_user,
    operand,
    producer,
    shape_of,
)


def find_layer_norm(graph: ir.Graph) -> None:
    """Edits in place: (x - mean) / sqrt(mean((x - mean)^2) + eps) * scale + bias."""
    for node in list(graph):
        if node.op_type == "Div" and (found := normalised(node)):
            x, epsilon, axis = found
            end, scale, bias = affine(node, shape_of(x)[axis:])
            operands = [x, constant(end, "scale", scale), constant(end, "bias", bias)]
            become(end, "LayerNormalization", operands, {"axis": axis, "epsilon": epsilon})


def normalised(div: ir.Node) -> tuple[ir.Value, float, int] | None:
    """(x, epsilon, first axis) where the quotient is x in units of its deviation."""
    difference, root = div.inputs
    sqrt = producer(root, "Sqrt")
    add = producer(sqrt.inputs[0], "Add") if sqrt else None
    sub = producer(difference, "Sub")
    if add is None or sub is None:
        return None
    x, mean = operand(sub), operand(sub, 1)
    axes = trailing_axes(mean, x)
    for variance, epsilon in (add.inputs, add.inputs[::-1]):
        number = number_of(epsilon)
        if axes and number and variance and is_square(mean_of(variance, axes, x), difference):
            return x, number, axes[0]
    return None


def mean_of(value: ir.Value, axes: list[int], x: ir.Value) -> ir.Value | None:
    """What the value is the mean of, over these axes."""
    reduce = producer(value, "ReduceMean")
    return reduce.inputs[0] if reduce and axes_of(reduce, len(shape_of(x))) == axes else None


def trailing_axes(mean: ir.Value | None, x: ir.Value) -> list[int] | None:
    """The axes of a mean of x that keeps them, where they are the last ones."""
    reduce, rank = producer(mean, "ReduceMean"), len(shape_of(x))
    if reduce is None or reduce.inputs[0] is not x or not reduce.attributes.get_int("keepdims", 1):
        return None
    axes = axes_of(reduce, rank)
    return axes if axes and axes == list(range(rank - len(axes), rank)) else None


def axes_of(reduce: ir.Node, rank: int) -> list[int]:
    given = array_of(reduce.inputs[1]) if len(reduce.inputs) > 1 else None
    return [] if given is None else sorted(int(axis) % rank for axis in given)


def is_square(value: ir.Value | None, of: ir.Value | None) -> bool:
    if power := producer(value, "Pow"):
        return power.inputs[0] is of and is_close(power.inputs[1], 2)
    product = producer(value, "Mul")
    return product is not None and product.inputs[0] is of and product.inputs[1] is of


def affine(node: ir.Node, sides: tuple[int, ...]) -> tuple[ir.Node, np.ndarray, np.ndarray]:
    """The last node of what scales and shifts the quotient, with the factors and the terms."""
    scale, bias = np.ones(sides, np.float32), np.zeros(sides, np.float32)
    product = only_user(node.outputs[0])
    if product is None or product.op_type != "Mul":
        return node, scale, bias
    if (factors := other_operand(product, node, sides)) is None:
        return node, scale, bias
    total = only_user(product.outputs[0])
    if total is None or total.op_type != "Add":
        return product, factors, bias
    terms = other_operand(total, product, sides)
    return (product, factors, bias) if terms is None else (total, factors, terms)


def other_operand(node: ir.Node, given: ir.Node, sides: tuple[int, ...]) -> np.ndarray | None:
    """The constant operand beside a node's result, on the normalised axes; None if it has more."""
    other = next((v for v in node.inputs if v is not given.outputs[0]), None)
    array = array_of(other)
    if array is None:
        return None
    shape = array.shape[max(0, array.ndim - len(sides)) :]
    if array.size != np.prod(shape, dtype=int) or len(shape) > len(sides):
        return None
    return np.broadcast_to(array.reshape(shape), sides)

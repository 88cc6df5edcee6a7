"""Matrix products as TNN computes them rightly: equal batches, matrices, a bias of one axis."""

import math

import numpy as np
import onnx_ir as ir

from export.to_tnn.prepare.graph_edit import (
    array_of,
    become,
    before,
    constant,
    operand,
    producer,
    shape_of,
)


def plain_products(graph: ir.Graph) -> None:
    """Edits in place."""
    for op_type, rewrite in (("Gemm", spell_gemm), ("MatMul", make_matrices), ("Add", flat_bias)):
        for node in list(graph):
            if node.op_type == op_type:
                rewrite(node)
    for node in list(graph):
        if node.op_type == "MatMul":
            equal_batches(node)


def spell_gemm(node: ir.Node) -> None:
    """alpha * A' @ B' + beta * C, where InnerProduct does not take its constants."""
    a, b = operand(node), operand(node, 1)
    c = node.inputs[2] if len(node.inputs) > 2 else None
    flags = {name: node.attributes.get_int(name, 0) for name in ("transA", "transB")}
    weights_are_constant = array_of(b) is not None and (c is None or array_of(c) is not None)
    if weights_are_constant and not flags["transA"] and is_row(c):
        return
    left = transposed(node, "A", a) if flags["transA"] else a
    right = transposed(node, "B", b) if flags["transB"] else b
    shape = shape_of(node.outputs[0])
    product = before(node, "product", "MatMul", [left, right], shape)
    terms = [scaled(node, "alpha", product, shape)]
    if c is not None:
        terms.append(scaled(node, "beta", c, shape_of(c)))
    become(node, "Add" if c is not None else "Identity", terms)


def is_row(c: ir.Value | None) -> bool:
    """Whether it is the same for all rows."""
    return c is None or math.prod(shape_of(c)[:-1]) == 1


def transposed(node: ir.Node, suffix: str, value: ir.Value) -> ir.Value:
    array, (rows, columns) = array_of(value), shape_of(value)
    if array is not None:
        return constant(node, suffix, array.T)
    return before(node, suffix, "Transpose", [value], (columns, rows), perm=(1, 0))


def scaled(node: ir.Node, name: str, value: ir.Value, shape: tuple[int, ...]) -> ir.Value:
    factor = node.attributes.get_float(name, 1.0)
    if factor == 1:
        return value
    array = array_of(value)
    number = np.array([factor], np.float32)
    if array is not None:
        return constant(node, f"{name}_scaled", array * number)
    return before(node, f"{name}_scaled", "Mul", [value, constant(node, name, number)], shape)


def make_matrices(node: ir.Node) -> None:
    """A vector becomes a matrix of one row or one column, and the result loses that axis."""
    a, b = operand(node), operand(node, 1)
    ranks = len(shape_of(a)), len(shape_of(b))
    if 1 not in ranks:
        return
    left = as_matrix(node, "row", a, (1, *shape_of(a))) if ranks[0] == 1 else a
    right = as_matrix(node, "column", b, (*shape_of(b), 1)) if ranks[1] == 1 else b
    batch = np.broadcast_shapes(shape_of(left)[:-2], shape_of(right)[:-2])
    shape = (*batch, shape_of(left)[-2], shape_of(right)[-1])
    product = before(node, "product", "MatMul", [left, right], shape)
    become(
        node,
        "Reshape",
        [product, constant(node, "shape", np.array(shape_of(node.outputs[0]), np.int64))],
    )


def as_matrix(node: ir.Node, suffix: str, value: ir.Value, shape: tuple[int, ...]) -> ir.Value:
    array = array_of(value)
    if array is not None:
        return constant(node, suffix, array.reshape(shape))
    wanted = constant(node, f"{suffix}_shape", np.array(shape, np.int64))
    return before(node, suffix, "Reshape", [value, wanted], shape)


def equal_batches(node: ir.Node) -> None:
    """TNN counts batches: both operands have the same number, or one has 1."""
    operands = [operand(node, place) for place in (0, 1)]
    shapes = [shape_of(value) for value in operands]
    counts = [math.prod(shape[:-2]) for shape in shapes]
    if counts[0] == counts[1] or 1 in counts:
        return
    batch = np.broadcast_shapes(*(shape[:-2] for shape in shapes))
    for place, (value, shape) in enumerate(zip(operands, shapes, strict=True)):
        if shape[:-2] != batch:
            wider = expanded(node, f"batch_{place}", value, (*batch, *shape[-2:]))
            node.replace_input_with(place, wider)


def expanded(node: ir.Node, suffix: str, value: ir.Value, shape: tuple[int, ...]) -> ir.Value:
    array = array_of(value)
    if array is not None:
        return constant(node, suffix, np.broadcast_to(array, shape))
    wanted = constant(node, f"{suffix}_shape", np.array(shape, np.int64))
    return before(node, suffix, "Expand", [value, wanted], shape)


def flat_bias(node: ir.Node) -> None:
    """The bias behind a product: on the right, with one axis, as TNN's ARM device looks for it."""
    for product, bias in (node.inputs, node.inputs[::-1]):
        array = array_of(bias)
        if array is None or producer(product, "MatMul") is None or bias is None:
            continue
        is_flat = array.ndim > 0 and array.size == array.shape[-1] == shape_of(node.outputs[0])[-1]
        if is_flat:
            flat = bias if array.ndim == 1 else constant(node, "bias", array.reshape(-1))
            become(node, "Add", [product, flat])
        return

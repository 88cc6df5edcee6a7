"""GELU that is spelled with Erf, in whatever order it is multiplied. ARM has no Erf."""

import math

import onnx_ir as ir

from export.to_tnn.prepare.graph_edit import become, is_close, only_user, producer


def find_gelu(graph: ir.Graph) -> None:
    """Edits in place: 0.5 * x * (1 + erf(x / sqrt(2)))."""
    for node in list(graph):
        if node.op_type == "Erf" and (x := scaled_by_root(node.inputs[0])):
            replace_product(node, x)


def scaled_by_root(value: ir.Value | None) -> ir.Value | None:
    """x of x / sqrt(2)."""
    if (node := producer(value, "Div")) and is_close(node.inputs[1], math.sqrt(2)):
        return node.inputs[0]
    if node := producer(value, "Mul"):
        for x, factor in (node.inputs, node.inputs[::-1]):
            if is_close(factor, math.sqrt(0.5)):
                return x
    return None


def replace_product(erf: ir.Node, x: ir.Value) -> None:
    add = only_user(erf.outputs[0])
    if add is None or add.op_type != "Add" or not any(is_close(v, 1) for v in add.inputs):
        return
    top = only_user(add.outputs[0])
    while top is not None and top.op_type == "Mul":
        factors = factors_of(top)
        others = [value for value in factors if value is not x and value is not add.outputs[0]]
        if len(factors) == 3 and len(others) == 1 and is_close(others[0], 0.5):
            become(top, "Gelu", [x])
            return
        top = only_user(top.outputs[0])


def factors_of(product: ir.Node) -> list[ir.Value]:
    """What is multiplied, through products that nothing else uses."""
    factors: list[ir.Value] = []
    for value in product.inputs:
        assert value is not None
        inner = producer(value, "Mul")
        used_here = inner is not None and only_user(value) is product
        factors += factors_of(inner) if inner is not None and used_here else [value]
    return factors

"""HardSigmoid, HardSwish and Swish that are spelled with Clip, Mul, Div and Sigmoid."""

import math

import onnx_ir as ir

from export.to_tnn.prepare.graph_edit import become, is_close, number_of, only_user, producer


def find_swish(graph: ir.Graph) -> None:
    """Edits in place. HardSigmoid first: HardSwish is found through it."""
    for node in list(graph):
        if node.op_type in SCALINGS:
            find_hard_sigmoid(node)
    for node in list(graph):
        if node.op_type == "Mul":
            find_gate(node)


SCALINGS = {"Div": 6.0, "Mul": 1 / 6}


def find_hard_sigmoid(node: ir.Node) -> None:
    """clip(x + 3, 0, 6) / 6, or x * clip(x + 3, 0, 6) / 6, which is HardSwish."""
    scaled, by = node.inputs
    if not is_close(by, SCALINGS[node.op_type]):
        return
    if x := shifted_and_clipped(scaled):
        become(node, "HardSigmoid", [x], {"alpha": 1 / 6, "beta": 0.5})
        return
    product = producer(scaled, "Mul")
    if product is None or only_user(product.outputs[0]) is not node:
        return
    for x, gate in (product.inputs, product.inputs[::-1]):
        if x is not None and shifted_and_clipped(gate) is x:
            become(node, "HardSwish", [x])
            return


def shifted_and_clipped(value: ir.Value | None) -> ir.Value | None:
    """x of clip(x + 3, 0, 6)."""
    clip = producer(value, "Clip")
    if clip is None or len(clip.inputs) < 3:
        return None
    x, low, high = clip.inputs
    if number_of(low) != 0 or not is_close(high, 6):
        return None
    add = producer(x, "Add")
    if add is None:
        return None
    for operand, three in (add.inputs, add.inputs[::-1]):
        if is_close(three, 3):
            return operand
    return None


def find_gate(node: ir.Node) -> None:
    """x * sigmoid(x), x * hard_sigmoid(x)."""
    for x, gate in (node.inputs, node.inputs[::-1]):
        for op_type, becomes in (("Sigmoid", "Swish"), ("HardSigmoid", "HardSwish")):
            inner = producer(gate, op_type)
            if inner is not None and inner.inputs[0] is x and is_sixth(inner):
                become(node, becomes, [x])
                return


def is_sixth(node: ir.Node) -> bool:
    """Whether it is a Sigmoid, or the HardSigmoid of HardSwish."""
    if node.op_type == "Sigmoid":
        return True
    alpha, beta = (node.attributes.get_float(n, d) for n, d in (("alpha", 0.2), ("beta", 0.5)))
    return math.isclose(alpha, 1 / 6, rel_tol=1e-5) and beta == 0.5

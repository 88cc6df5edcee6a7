"""Operators of two tensors, element by element, with NumPy's broadcasting.

A constant operand is the layer's resource, and the parameter says which side it is on (-1: none).
TNN: source/tnn/layer/multidir_broadcast_layer.cc.
"""

from functools import partial

from export.to_tnn.registry import Lowered, Tensor, handles, scalar, weights

BINARY = {
    "Add": "Add",
    "Sub": "Sub",
    "Mul": "Mul",
    "Div": "Div",
    "Max": "Maximum",
    "Min": "Minimum",
}


def binary(layer: str, a: Tensor, b: Tensor) -> Lowered:
    for position, (operand, other) in enumerate(((a, b), (b, a))):
        if operand.value is not None:
            # A resource without axes would be taken for one value a channel.
            element = weights(operand, "operand").reshape(operand.shape or (1,))
            return Lowered(layer, (other,), (position,), {"element": element})
    return Lowered(layer, (a, b), (-1,))


for onnx_name, tnn_name in BINARY.items():
    handles(
        onnx_name,
        tnn_name,
        also=(
            "more than two operands (Max, Min, Sum)",
            "a constant that enlarges the blob, expanded before it",
        ),
    )(partial(binary, tnn_name))


@handles("Pow", "Power", "constant exponent, one number")
def power(x: Tensor, exponent: Tensor) -> Lowered:
    """exponent, scale, shift: (x*scale + shift) ** exponent."""
    return Lowered("Power", (x,), (scalar(exponent, "exponent"), 1, 0))

"""Operators of one tensor, element by element; most are a row of a table."""

from functools import partial

import numpy as np

from export.to_tnn.registry import Lowered, Refusal, Tensor, handles, scalar, weights

FLOAT_MAX = float(np.finfo(np.float32).max)

# Without parameters in TNN and attributes in ONNX.
PLAIN = {
    "Relu": "ReLU",
    "Sigmoid": "Sigmoid",
    "Tanh": "Tanh",
    "Softplus": "Softplus",
    "Exp": "Exp",
    "Log": "Log",
    "Sqrt": "Sqrt",
    "Abs": "Abs",
    "Neg": "Neg",
    "Reciprocal": "Reciprocal",
    "Floor": "Floor",
    "Ceil": "Ceil",
    "Sign": "Sign",
    "Sin": "Sin",
    "Cos": "Cos",
    "Tan": "Tan",
    "Asin": "Asin",
    "Acos": "Acos",
    "Atan": "Atan",
}


def plain(layer: str, x: Tensor) -> Lowered:
    return Lowered(layer, (x,))


for onnx_name, tnn_name in PLAIN.items():
    handles(onnx_name, tnn_name)(partial(plain, tnn_name))


@handles("Gelu", "GELU", "approximate=none", also=("spelled with Erf",))
def gelu(x: Tensor, *, approximate: str = "none") -> Lowered:
    """ARM has no Erf, but a GELU."""
    if approximate != "none":
        raise Refusal(
            f"approximate={approximate!r}, TNN computes it exactly",
            "export it with approximate=none",
        )
    return Lowered("GELU", (x,))


@handles("Swish", "Swish", "alpha=1", also=("spelled x*sigmoid(x)",))
def swish(x: Tensor, *, alpha: float = 1.0) -> Lowered:
    if alpha != 1:
        raise Refusal(f"alpha={alpha}, TNN's is 1", "spell it with Mul and Sigmoid")
    return Lowered("Swish", (x,))


@handles("HardSigmoid", "HardSigmoid", also=("spelled clip(x + 3, 0, 6) / 6",))
def hard_sigmoid(x: Tensor, *, alpha: float = 0.2, beta: float = 0.5) -> Lowered:
    return Lowered("HardSigmoid", (x,), (alpha, beta))


@handles("HardSwish", "HardSwish", also=("spelled with Clip or HardSigmoid",))
def hard_swish(x: Tensor) -> Lowered:
    return Lowered("HardSwish", (x,), (1 / 6, 0.5))


@handles("Elu", "Elu")
def elu(x: Tensor, *, alpha: float = 1.0) -> Lowered:
    return Lowered("Elu", (x,), (alpha,))


@handles("Selu", "Selu")
def selu(x: Tensor, *, alpha: float = 1.6732632, gamma: float = 1.0507010) -> Lowered:
    return Lowered("Selu", (x,), (alpha, gamma))


@handles("Clip", ("ReLU6", "Clip"), "constant bounds")
def clip(x: Tensor, low: Tensor | None = None, high: Tensor | None = None) -> Lowered:
    """A missing bound is the largest float32: TNN takes a missing number for 0."""
    bounds = (
        -FLOAT_MAX if low is None else scalar(low, "min"),
        FLOAT_MAX if high is None else scalar(high, "max"),
    )
    return Lowered("ReLU6", (x,)) if bounds == (0, 6) else Lowered("Clip", (x,), bounds)


@handles("LeakyRelu", "PReLU")
def leaky_relu(x: Tensor, *, alpha: float = 0.01) -> Lowered:
    """One slope for all channels: channel_shared, has_filler."""
    return Lowered("PReLU", (x,), (1, 0), {"slope": np.array([alpha], np.float32)})


@handles("PRelu", "PReLU", "constant slope, one number or one a channel (axis 1)")
def prelu(x: Tensor, slope: Tensor) -> Lowered:
    values = weights(slope, "slope")
    check_slope(x, values.shape)
    shared = int(values.size == 1)
    return Lowered("PReLU", (x,), (shared, 0), {"slope": values.reshape(-1)})


def check_slope(x: Tensor, shape: tuple[int, ...]) -> None:
    """Raises Refusal where a slope is anything but one number a channel."""
    per_axis = (1,) * (x.rank - len(shape)) + shape
    if any(side != 1 for axis, side in enumerate(per_axis) if axis != 1):
        raise Refusal(
            f"its slope has the shape {shape}, TNN has one a channel", "spell it with Relu and Mul"
        )

"""Layers that go element by element.

Source: multidir_broadcast_layer.cc, cpu_unary_layer_acc.cc and the cpu_…_layer_acc.cc of each in
TNN.
"""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional

from export.to_tnn.interpreter.call import Call, Refused, channelwise

SQRT_HALF = 0.707106793288165  # cpu_gelu_layer_acc.cc

Unary = Callable[[Tensor], Tensor]

#: layers without parameters
UNARY: dict[str, Unary] = {
    "ReLU": torch.relu,
    "Relu": torch.relu,
    "ReLU6": functional.relu6,
    "Relu6": functional.relu6,
    "Sigmoid": torch.sigmoid,
    "Tanh": torch.tanh,
    "GELU": lambda x: 0.5 * x * (torch.erf(x * SQRT_HALF) + 1),
    "Swish": functional.silu,
    "Softplus": lambda x: torch.logaddexp(x, torch.zeros(())),
    "LogSigmoid": functional.logsigmoid,
    "Exp": torch.exp,
    "Log": torch.log,
    "Sqrt": torch.sqrt,
    "Rsqrt": torch.rsqrt,
    "Reciprocal": lambda x: torch.where(x == 0, x, 1 / x),  # 0 for 0
    "Abs": torch.abs,
    "Neg": torch.neg,
    "Sign": torch.sign,
    "Floor": torch.floor,
    "Ceil": torch.ceil,
    "Sin": torch.sin,
    "Cos": torch.cos,
    "Tan": torch.tan,
    "Asin": torch.asin,
    "Acos": torch.acos,
    "Atan": torch.atan,
}

BINARY: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "Add": torch.add,
    "Sub": torch.sub,
    "Mul": torch.mul,
    "Div": torch.div,
    "Maximum": torch.maximum,
    "Minimum": torch.minimum,
}


def unary(function: Unary, call: Call) -> Tensor:
    return function(call.x)


def binary(function: Callable[[Tensor, Tensor], Tensor], call: Call) -> Tensor:
    """weight_input_index: where the resource stands, next to a single blob."""
    index, element = call.params.integer(1), call.weights.get("element")
    if len(call.inputs) == 2 and element is None:
        return function(*call.inputs)
    if len(call.inputs) != 1 or element is None or index not in (0, 1):
        raise Refused(f"expected two blobs, or one and an element at 0 or 1, got index {index}")
    if not 1 <= element.dim() <= max(call.x.dim(), 1):
        raise Refused(
            f"expected an element of 1 to {call.x.dim()} axes, got {list(element.shape)}; without "
            "axes it counts as one number a channel"
        )
    return function(element, call.x) if index == 0 else function(call.x, element)


def clip(call: Call) -> Tensor:
    """min, max, 0 where absent."""
    return call.x.clamp(call.params.number(0.0), call.params.number(0.0))


def power(call: Call) -> Tensor:
    """exponent, scale, shift."""
    exponent, scale, shift = (call.params.number(default) for default in (1.0, 1.0, 0.0))
    return (call.x * scale + shift).pow(exponent)


def hard_sigmoid(call: Call) -> Tensor:
    """alpha, beta."""
    return ramp(call, call.x)


def hard_swish(call: Call) -> Tensor:
    """alpha, beta; x0 times the ramp of x1, which is x0 where it is alone."""
    first, last = call.inputs[0], call.inputs[-1]
    if first.dim() != last.dim() or first.dim() > 4:
        raise Refused(f"expected blobs of as many axes, up to 4, got {first.dim()}, {last.dim()}")
    return first * ramp(call, last)


def ramp(call: Call, x: Tensor) -> Tensor:
    alpha, beta = call.params.number(1.0), call.params.number(0.0)
    if not alpha > 0:
        raise Refused(f"expected an alpha above 0, got {alpha}")
    return (x * alpha + beta).clamp(0, 1)


def elu(call: Call) -> Tensor:
    """alpha."""
    return functional.elu(call.x, call.params.number(1.0))


def selu(call: Call) -> Tensor:
    """alpha, gamma."""
    alpha, gamma = call.params.number(), call.params.number()
    return gamma * torch.where(call.x > 0, call.x, alpha * torch.expm1(call.x))


def prelu(call: Call) -> Tensor:
    """channel_shared, has_filler; one slope, or one a channel."""
    shared, channels = call.params.integer(0) == 1, call.channels()
    slope = channelwise(call.weight("slope", 1 if shared else channels), call.x.dim())
    return torch.where(call.x < 0, call.x * slope, call.x)


SCALED = {
    "Clip": clip,
    "Power": power,
    "HardSigmoid": hard_sigmoid,
    "Elu": elu,
    "Selu": selu,
    "PReLU": prelu,
}

LAYERS = {name: partial(unary, function) for name, function in UNARY.items()} | SCALED
PAIRS = {name: partial(binary, function) for name, function in BINARY.items()}

"""Normalisations and Softmax.

Source: the layer_interpreter and the cpu_…_layer_acc.cc of each in TNN, which sum in float64.
"""

import math

from torch import Tensor
from torch.nn import functional

from export.to_tnn.interpreter.call import Call, Refused, axis_of, channelwise

EPS = 1e-5


def softmax(call: Call) -> Tensor:
    """axis."""
    axis = axis_of(call.params.integer(1), call.x.dim())
    if axis == 0:
        raise Refused("ARM has no Softmax over axis 0; transpose before it")
    return call.x.softmax(axis)


def layer_norm(call: Call) -> Tensor:
    """reduce_dims_size, eps; over the last axes, which are those of scale and bias."""
    x, scale, bias = call.inputs
    axes, eps = call.params.integer(0), call.params.number(EPS)
    sides = x.shape[x.dim() - scale.dim() :]
    if axes != scale.dim() or not axes or not scale.shape == bias.shape == sides:
        raise Refused(
            f"expected scale and bias of the last {axes} axes of {list(x.shape)}, got "
            f"{list(scale.shape)} and {list(bias.shape)}"
        )
    return functional.layer_norm(x.double(), sides, scale.double(), bias.double(), eps).float()


def group_norm(call: Call) -> Tensor:
    """group, eps; scale and bias [C]."""
    x, scale, bias = call.inputs
    group, eps = call.params.integer(0), call.params.number(EPS)
    channels = call.channels()
    if group < 1 or channels % group or not scale.numel() == bias.numel() == channels:
        raise Refused(
            f"expected groups of {channels} channels, scale and bias for each, got {group}, "
            f"{list(scale.shape)} and {list(bias.shape)}"
        )
    affine = scale.flatten().double(), bias.flatten().double()
    return functional.group_norm(x.double(), group, *affine, eps).float()


def instance_norm(call: Call) -> Tensor:
    """channels, eps."""
    _, eps, channels = call.params.integer(0), call.params.number(EPS), call.channels()
    if not math.isclose(eps, EPS, rel_tol=1e-3):
        raise Refused(f"ARM and X86 always take an eps of {EPS}, got {eps}")
    scale = call.weight("scale", channels).double()
    bias = optional_bias(call, channels).double()
    return functional.group_norm(call.x.double(), channels, scale, bias, eps).float()


def batch_norm(call: Call) -> Tensor:
    """x * scale + bias, with one number a channel, or one for all."""
    channels, rank = call.channels(), call.x.dim()
    count = 1 if "scale" in call.weights and call.weights["scale"].numel() == 1 else channels
    scale, bias = call.weight("scale", count), optional_bias(call, count)
    return call.x * channelwise(scale, rank) + channelwise(bias, rank)


def optional_bias(call: Call, count: int) -> Tensor:
    """[count], zeros where the file has none."""
    absent = "bias" not in call.weights
    return call.x.new_zeros(count) if absent else call.weight("bias", count)

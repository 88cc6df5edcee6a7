"""Convolution and Deconvolution.

    group, in_channels, out_channels, kh, kw, sh, sw, ph, pw, has_bias, pad_type, dh, dw, activation

Source: conv_layer_interpreter.cc, cpu_conv_layer_acc.cc, cpu_deconv_layer_acc.cc and
naive_compute.cc of TNN.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from export.to_tnn.interpreter.call import Call, Params, Refused, channelwise
from export.to_tnn.interpreter.windows import (
    EXPLICIT,
    Span,
    check_positive,
    computed,
    framed,
    span,
)

Pair = tuple[int, int]  # height, width


class Convolution(NamedTuple):
    group: int
    out_channels: int
    kernel: Pair
    stride: Pair
    pad: Pair
    has_bias: bool
    pad_type: int
    dilation: Pair
    activation: int

    @property
    def extents(self) -> Pair:
        """What the kernel covers."""
        (kh, kw), (dh, dw) = self.kernel, self.dilation
        return dh * (kh - 1) + 1, dw * (kw - 1) + 1


#: enum ActivationType in layer_param.h
ACTIVATIONS: dict[int, Callable[[Tensor], Tensor]] = {
    0: lambda x: x,
    1: torch.relu,
    2: functional.relu6,
    256: functional.silu,
}


def read(params: Params) -> Convolution:
    """Raises Refused for numbers that no convolution has."""
    group, _, out_channels = (params.integer(0) for _ in range(3))
    kernel, stride, pad = (params.pair(0) for _ in range(3))
    has_bias, pad_type = params.pair(0)
    dilation, activation = params.pair(1), params.integer(0)
    check_positive("group, channels, kernel, stride and dilation",
                   group, out_channels, *kernel, *stride, *dilation)  # fmt: skip
    if activation not in ACTIVATIONS or min(pad) < 0:
        raise Refused(
            f"expected pads from 0 and an activation of 0, 1, 2 or 256, got {params.words}"
        )
    return Convolution(
        group, out_channels, kernel, stride, pad, has_bias != 0, pad_type, dilation, activation
    )


def convolution(call: Call) -> Tensor:
    """[N, C, H, W] -> [N, out, H', W']."""
    p, x = read(call.params), call.image()
    if p.dilation[0] != p.dilation[1]:
        raise Refused(f"NAIVE takes one dilation for both axes, got {p.dilation}")
    spans = [place(p, axis, size) for axis, size in enumerate(x.shape[2:])]
    weight = call.weight("weight", p.out_channels, x.shape[1] // p.group, *p.kernel)
    bias = call.weight("bias", p.out_channels) if p.has_bias else None
    y = functional.conv2d(framed(x, spans), weight, bias, p.stride, 0, p.dilation, p.group)
    return ACTIVATIONS[p.activation](y)


def place(p: Convolution, axis: int, size: int) -> Span:
    extent, stride, pad = p.extents[axis], p.stride[axis], p.pad[axis]
    if p.pad_type != EXPLICIT:
        return computed(size, extent, stride, p.pad_type)
    return span(pad, (size + 2 * pad - extent) // stride + 1, extent, stride)


def deconvolution(call: Call) -> Tensor:
    """[N, C, H, W] -> [N, out, H', W']; the weight is [C, out / group, kh, kw]."""
    p, x = read(call.params), call.image()
    if any(step > 1 and spread > 1 for step, spread in zip(p.stride, p.dilation, strict=True)):
        raise Refused(f"NAIVE skips samples with stride {p.stride} and dilation {p.dilation}")
    weight = call.weight("weight", x.shape[1], p.out_channels // p.group, *p.kernel)
    whole = functional.conv_transpose2d(
        x, weight, None, p.stride, groups=p.group, dilation=p.dilation
    )
    y = framed(whole, [crop(p, axis, size) for axis, size in enumerate(x.shape[2:])])
    if p.has_bias:
        y = y + channelwise(call.weight("bias", p.out_channels), y.dim())
    return ACTIVATIONS[p.activation](y)


#: pad_type: side of the output, from side of the input, stride, extent, pad (deconv_layer.cc)
TRANSPOSED_SIDES: dict[int, Callable[[int, int, int, int], int]] = {
    -1: lambda size, stride, extent, pad: (size - 1) * stride + extent - 2 * pad,
    0: lambda size, stride, extent, pad: size * stride,
    1: lambda size, stride, extent, pad: size * stride + max(extent - stride, 0),
    2: lambda size, stride, extent, pad: size * stride - (stride + extent - 2),
    3: lambda size, stride, extent, pad: size * stride,
}


def crop(p: Convolution, axis: int, size: int) -> Span:
    """Which part of the whole result is the output."""
    extent, stride, pad = p.extents[axis], p.stride[axis], p.pad[axis]
    if p.pad_type not in TRANSPOSED_SIDES:
        raise Refused(f"expected a pad_type from -1 to 3, got {p.pad_type}")
    side = TRANSPOSED_SIDES[p.pad_type](size, stride, extent, pad)
    gone = (size - 1) * stride + extent - side
    front = {EXPLICIT: pad, 3: max(gone, 0) - max(gone, 0) // 2}.get(p.pad_type, int(gone / 2))
    return span(-front, side, 1, 1)

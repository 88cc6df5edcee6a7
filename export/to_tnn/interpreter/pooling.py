"""Pooling.

    type, kh, kw, sh, sw, ph, pw, kernel index (2), pad_type, ceil_mode, is_adaptive, out_h, out_w

Source: pooling_layer_interpreter.cc, pooling_layer.cc and naive_compute.cc of TNN.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from export.to_tnn.interpreter.call import Call, Refused
from export.to_tnn.interpreter.windows import (
    EXPLICIT,
    Span,
    check_positive,
    computed,
    framed,
    span,
)

MAX, AVERAGE = 0, 1
NO_INDEX = -1


def pooling(call: Call) -> Tensor:
    """[N, C, H, W] -> [N, C, H', W']."""
    params, x = call.params, call.image()
    kind, kernel, stride, pad = params.integer(0), *(params.pair(0) for _ in range(3))
    index, (pad_type, ceil), adaptive = params.pair(NO_INDEX), params.pair(0), params.integer(0)
    if kind not in (MAX, AVERAGE) or min(pad) < 0:
        raise Refused(f"expected type 0 or 1 and pads from 0, got {params.words}")
    if adaptive:
        raise Refused("is_adaptive=1 gives wrong results on ARM and X86; use a kernel and strides")
    kernel = kernel_of(x, kernel, index)
    check_positive("kernel and stride", *kernel, *stride)
    if pad_type == EXPLICIT:
        spans = explicit(x.shape[2:], kernel, stride, pad, ceil)
    else:
        sides = zip(x.shape[2:], kernel, stride, strict=True)
        spans = [computed(*side, pad_type) for side in sides]
    check_filled(x, spans, kernel, stride)
    return (maximum if kind == MAX else average)(x, spans, kernel, stride)


def kernel_of(x: Tensor, kernel: tuple[int, int], index: tuple[int, int]) -> tuple[int, int]:
    """0 is the whole side, and an index an axis of the input whose side it is."""
    axes = (index[0], index[0] if index[1] == NO_INDEX else index[1])
    height, width = (
        (kernel[i] or x.shape[2 + i]) if axis == NO_INDEX else x.shape[axis]
        for i, axis in enumerate(axes)
    )
    return height, width


def explicit(
    sizes: Sequence[int],
    kernel: Sequence[int],
    stride: Sequence[int],
    pad: Sequence[int],
    ceil: int,
) -> list[Span]:
    """Raises Refused where TNN does, which it also does by mistake (see `check_rest`)."""
    rounded = math.ceil if ceil == 1 else math.floor
    counts = [rounded((sizes[i] + 2 * pad[i] - kernel[i]) / stride[i] + 1) for i in (0, 1)]
    ends = [(counts[i] - 1) * stride[i] + kernel[i] - sizes[i] - pad[i] for i in (0, 1)]
    if min(ends) < 0:  # the last window ends before the picture does: TNN counts again
        ends = [max(end, 0) for end in ends]
        begins = pad if ceil == 1 else (pad[0], ends[0])  # sic: pad_down for pad_left
        rest = [sizes[i] + begins[i] + ends[i] - kernel[i] for i in (0, 1)]
        if [rounded(rest[i] / stride[i] + 1) for i in (0, 1)] != counts:
            raise Refused(f"TNN finds no size for {list(sizes)}: pads {pad}, strides {stride}")
    return [span(pad[i], counts[i], kernel[i], stride[i]) for i in (0, 1)]


def check_filled(
    x: Tensor, spans: Sequence[Span], kernel: Sequence[int], stride: Sequence[int]
) -> None:
    """Raises Refused where a window has no pixel of the picture: TNN has none to put there."""
    for i, (begin, windows, _) in enumerate(spans):
        if begin >= kernel[i] or (windows - 1) * stride[i] - begin >= x.shape[2 + i]:
            raise Refused(f"a window lies in the padding: kernel {kernel}, strides {stride}")


def maximum(
    x: Tensor, spans: Sequence[Span], kernel: tuple[int, int], stride: tuple[int, int]
) -> Tensor:
    return functional.max_pool2d(framed(x, spans, -math.inf), kernel, stride)


def average(
    x: Tensor, spans: Sequence[Span], kernel: tuple[int, int], stride: tuple[int, int]
) -> Tensor:
    """Over the pixels of the picture: TNN never counts padding."""

    def total(values: Tensor) -> Tensor:
        return functional.avg_pool2d(framed(values, spans), kernel, stride, divisor_override=1)

    return total(x) / total(torch.ones_like(x[:1, :1]))

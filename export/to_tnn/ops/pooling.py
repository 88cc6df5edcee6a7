"""Pooling.

    type (0 max, 1 average), kh, kw, sh, sw, ph, pw, kernel index (-1 -1), pad_type, ceil_mode

An average leaves padding out of the divisor, always. A kernel of 0 is the whole picture.
TNN: source/tnn/layer/pooling_layer.cc and
source/tnn/interpreter/tnn/layer_interpreter/pooling_layer_interpreter.cc.
"""

from collections.abc import Sequence

from export.to_tnn.ops.convolution import PAD_TYPES, SPATIAL, symmetric, two_axes
from export.to_tnn.registry import Lowered, Refusal, Tensor, handles

MAX, AVERAGE = 0, 1
NO_INDEX = (-1, -1)


@handles(
    "MaxPool",
    "Pooling",
    SPATIAL,
    "no dilation, no indices",
    also=("asymmetric pads, with a Pad before it",),
)
def max_pool(
    x: Tensor,
    *,
    auto_pad: str = "NOTSET",
    ceil_mode: int = 0,
    dilations: Sequence[int] = (1, 1),
    kernel_shape: Sequence[int],
    pads: Sequence[int] = (0, 0, 0, 0),
    storage_order: int = 0,
    strides: Sequence[int] = (1, 1),
) -> Lowered:
    return windows(MAX, x, auto_pad, ceil_mode, dilations, kernel_shape, pads, strides)


@handles(
    "AveragePool",
    "Pooling",
    SPATIAL,
    "no dilation",
    also=("count_include_pad=1 and asymmetric pads, with a Pad before it",),
)
def average_pool(
    x: Tensor,
    *,
    auto_pad: str = "NOTSET",
    ceil_mode: int = 0,
    count_include_pad: int = 0,
    dilations: Sequence[int] = (1, 1),
    kernel_shape: Sequence[int],
    pads: Sequence[int] = (0, 0, 0, 0),
    strides: Sequence[int] = (1, 1),
) -> Lowered:
    if count_include_pad and any(pads):
        raise Refusal("count_include_pad=1", "pad in a node before it")
    return windows(AVERAGE, x, auto_pad, ceil_mode, dilations, kernel_shape, pads, strides)


def windows(
    kind: int,
    x: Tensor,
    auto_pad: str,
    ceil_mode: int,
    dilations: Sequence[int],
    kernel: Sequence[int],
    pads: Sequence[int],
    strides: Sequence[int],
) -> Lowered:
    two_axes(x)
    if any(step != 1 for step in dilations):
        raise Refusal(f"its dilations are {list(dilations)}", "TNN's pooling has none")
    pad = symmetric(pads)
    if ceil_mode:
        for side, size, step, begin in zip(x.shape[2:], kernel, strides, pad, strict=True):
            check_last_window(side, size, step, begin)
    params = (kind, *kernel, *strides, *pad, *NO_INDEX, PAD_TYPES[auto_pad], ceil_mode)
    return Lowered("Pooling", (x,), params)


def check_last_window(side: int, size: int, step: int, pad: int) -> None:
    """ONNX drops a last window that begins behind the picture, TNN keeps it. Raises Refusal."""
    last = -(-(side + 2 * pad - size) // step)
    if last * step >= side + pad:
        raise Refusal("ceil_mode=1 with a window that begins in the padding", "use ceil_mode=0")


def whole(kind: int, x: Tensor) -> Lowered:
    two_axes(x)
    return Lowered("Pooling", (x,), (kind, 0, 0, 1, 1, 0, 0, *NO_INDEX, PAD_TYPES["NOTSET"], 0))


@handles("GlobalAveragePool", "Pooling", SPATIAL)
def global_average_pool(x: Tensor) -> Lowered:
    return whole(AVERAGE, x)


@handles("GlobalMaxPool", "Pooling", SPATIAL)
def global_max_pool(x: Tensor) -> Lowered:
    return whole(MAX, x)

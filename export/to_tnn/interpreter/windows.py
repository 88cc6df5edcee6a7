"""Where the windows of convolution and pooling lie on one axis, and the frame that they just fill.

Source: source/tnn/layer/conv_layer.cc and pooling_layer.cc of TNN.
"""

from collections.abc import Sequence
from typing import NamedTuple

from torch import Tensor
from torch.nn import functional

from export.to_tnn.interpreter.call import Refused

EXPLICIT, SAME, VALID = -1, 0, 1  # pad_type


class Span(NamedTuple):
    begin: int  # of the first window in front of the picture; negative: inside
    windows: int  # how many, which is the side of the output
    length: int  # of all windows together


def span(begin: int, count: int, extent: int, stride: int) -> Span:
    if count < 1:
        raise Refused(f"expected an output, got a side of {count}")
    return Span(begin, count, (count - 1) * stride + extent)


def computed(size: int, extent: int, stride: int, pad_type: int) -> Span:
    """As in TensorFlow, but what is in front is rounded towards 0, also where it is negative."""
    counts = {SAME: -(-size // stride), VALID: -(-(size - extent + 1) // stride)}
    if pad_type not in counts:
        raise Refused(f"expected a pad_type of -1, 0 or 1, got {pad_type}")
    count = counts[pad_type]
    return span(int(((count - 1) * stride + extent - size) / 2), count, extent, stride)


def framed(x: Tensor, spans: Sequence[Span], filling: float = 0.0) -> Tensor:
    """[N, C, H, W] cut and filled up so that the windows begin at 0 and end at the end."""
    pads: list[int] = []
    for size, (begin, _, length) in zip(reversed(x.shape), reversed(spans), strict=False):
        pads += [begin, length - size - begin]
    return functional.pad(x, pads, value=filling)


def check_positive(what: str, *values: int) -> None:
    if min(values) < 1:
        raise Refused(f"expected {what} of at least 1, got {list(values)}")

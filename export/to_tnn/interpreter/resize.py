"""Upsample: mode, scale_h, scale_w, align_corners, out_h, out_w.

Source: upsample_layer_interpreter.cc, dims_function_utils.cc and cpu_upsample_layer_acc.cc of TNN.
"""

import math

import numpy as np
import torch
from torch import Tensor

from export.to_tnn.interpreter.call import Call, Refused

Taps = list[tuple[Tensor, Tensor]]  # for each tap and output pixel: input pixel, factor

CUBIC = -0.75


def upsample(call: Call) -> Tensor:
    """[N, C, H, W] -> [N, C, H', W']."""
    params, x = call.params, call.image()
    if len(call.inputs) > 1:
        raise Refused("scales or sizes from a blob; write them as parameters")
    mode, scales = params.integer(), (params.number(), params.number())
    corners, sizes = params.integer(0), params.pair() if params.left >= 2 else None
    outs = sizes or tuple(scaled(x.shape[2 + i], scales[i]) for i in (0, 1))
    if mode not in TAPS or min(outs) < 1:
        raise Refused(f"expected mode 1, 2 or 3 and sizes from 1, got {mode} and {outs}")
    if corners < 0:
        corners = int(sizes is not None or min(scales) < 1)
    if tuple(outs) == tuple(x.shape[2:]):
        return x
    for axis, out in zip((2, 3), outs, strict=True):
        x = sampled(x, axis, TAPS[mode](x.shape[axis], out, corners != 0))
    return x


def scaled(size: int, scale: float) -> int:
    """Rounded, half away from 0, of a product in float32."""
    return math.floor(float(np.float32(size) * np.float32(scale)) + 0.5)


def sampled(x: Tensor, axis: int, taps: Taps) -> Tensor:
    shape = [1] * x.dim()
    shape[axis] = -1
    parts = [x.index_select(axis, pixel) * factor.reshape(shape) for pixel, factor in taps]
    return torch.stack(parts).sum(0) if len(parts) > 1 else parts[0]


def ratio(size: int, out: int) -> float:
    return float(np.float32(size) / np.float32(out))


def places(size: int, out: int, corners: bool) -> Tensor:
    """Where the output's pixels lie in the input; at one end of it where there is only one."""
    i = torch.arange(out, dtype=torch.float64)
    if corners:
        where = i * (ratio(size - 1, out - 1) if out > 1 else 0.0)
    else:
        where = (i + 0.5) * (ratio(size, out) if out > 1 else 0.0) - 0.5
    return where.float()


def nearest(size: int, out: int, corners: bool) -> Taps:
    """floor(i * size / out), whatever align_corners says."""
    where = torch.arange(out, dtype=torch.float32) * ratio(size, out)
    return [(where.long().clamp(max=size - 1), torch.ones(out))]


def linear(size: int, out: int, corners: bool) -> Taps:
    where = places(size, out, corners).clamp(0, size - 1)
    first = where.long()
    behind = where - first
    return [(first, 1 - behind), ((first + 1).clamp(max=size - 1), behind)]


def cubic(size: int, out: int, corners: bool) -> Taps:
    """Pixels beyond the border are those at the border."""
    where = places(size, out, corners)
    first = where.floor()
    behind = where - first
    factors = [far(behind + 1), near(behind), near(1 - behind)]
    factors.append(1 - factors[0] - factors[1] - factors[2])
    pixels = first.long()
    return [((pixels + k - 1).clamp(0, size - 1), factor) for k, factor in enumerate(factors)]


def near(distance: Tensor) -> Tensor:
    return ((CUBIC + 2) * distance - (CUBIC + 3)) * distance * distance + 1


def far(distance: Tensor) -> Tensor:
    return ((CUBIC * distance - 5 * CUBIC) * distance + 8 * CUBIC) * distance - 4 * CUBIC


TAPS = {1: nearest, 2: linear, 3: cubic}  # by mode

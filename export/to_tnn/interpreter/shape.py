"""Layers that give the same elements another shape, order or type, or repeat them.

Source: the layer_interpreter and the …_layer.cc of each in TNN, dims_function_utils.cc.
"""

import math

import numpy as np
import torch
from torch import Tensor

from export.to_tnn.interpreter.call import Call, Refused

INFERRED, COPIED = -1, 0  # sides of Reshape

CASTS = {0: torch.float32, 3: torch.int32}  # DataType in common.h


def reshape(call: Call) -> Tensor:
    """axis, num_axes, rank, sides..., reshape_type; the axes before `axis` stay."""
    params, x = call.params, call.x
    axis, count, sides = params.integer(0), params.integer(0), params.counted()
    if not sides or count not in (-1, len(sides)) or not 0 <= axis <= x.dim():
        raise Refused(f"expected axis, num_axes = rank, rank and sides, got {params.words}")
    if params.integer(0) != 0:
        raise Refused("reshape_type 1 counts in the order NHWC; transpose instead")
    wanted = [*x.shape[:axis], *(copied(x, axis + i, side) for i, side in enumerate(sides))]
    known = math.prod(side for side in wanted if side != INFERRED)
    if (INFERRED not in wanted and known != x.numel()) or wanted.count(INFERRED) > 1:
        raise Refused(f"{list(x.shape)} does not become {wanted}")
    return x.reshape(wanted)


def copied(x: Tensor, axis: int, side: int) -> int:
    if side < INFERRED or (side == COPIED and axis >= x.dim()):
        raise Refused(f"a side of {side} at axis {axis} of {list(x.shape)}")
    return x.shape[axis] if side == COPIED else side


def flatten(call: Call) -> Tensor:
    """axis: two axes, split there."""
    axis = call.params.integer()
    if not 0 <= axis <= call.x.dim():
        raise Refused(f"expected an axis from 0 to {call.x.dim()}, got {axis}")
    return call.x.reshape(math.prod(call.x.shape[:axis]), math.prod(call.x.shape[axis:]))


def permute(call: Call) -> Tensor:
    """rank, order...; axes that are not listed follow."""
    order = list(call.params.counted())
    order += [axis for axis in range(call.x.dim()) if axis not in order]
    if sorted(order) != list(range(call.x.dim())):
        raise Refused(f"expected an order of {call.x.dim()} axes, got {order}")
    return call.x.permute(order)


def squeeze(call: Call) -> Tensor:
    """n, axes...; the last one goes first, a negative one counts what is left."""
    x = call.x
    for axis in reversed(call.params.counted()):
        if not -x.dim() <= axis < x.dim() or x.shape[axis] != 1:
            raise Refused(f"axis {axis} of {list(x.shape)} can't go")
        x = x.squeeze(axis)
    return x


def unsqueeze(call: Call) -> Tensor:
    """n, axes...; one after the other."""
    x = call.x
    for axis in call.params.counted():
        x = x.unsqueeze(axis)
    return x


def expand(call: Call) -> Tensor:
    """n, sides...; -1 keeps a side."""
    sides = call.params.counted()
    lead = len(sides) - call.x.dim()
    if any(side < -1 or side == 0 or (side == -1 and i < lead) for i, side in enumerate(sides)):
        raise Refused(f"{list(call.x.shape)} does not become {list(sides)}")
    kept = [1 if side == -1 else side for side in sides]
    return call.x.expand(np.broadcast_shapes(call.x.shape, kept))


def tile(call: Call) -> Tensor:
    """repeats..., of the last axes."""
    repeats = call.params.rest()
    if min(repeats, default=1) < 1:
        raise Refused(f"expected repeats from 1, got {list(repeats)}")
    return call.x.tile(repeats)


def cast(call: Call) -> Tensor:
    """TNN's number of the type; towards 0."""
    to = call.params.integer(0)
    if to not in CASTS:
        raise Refused(f"expected 0 (float32) or 3 (int32), got {to}")
    return call.x.to(CASTS[to])


def pixel_shuffle(call: Call) -> Tensor:
    """upscale_factor; [N, C·f·f, H, W] -> [N, C, H·f, W·f]."""
    return torch.pixel_shuffle(call.image(), call.params.integer())


def channel_shuffle(call: Call) -> Tensor:
    """group."""
    return torch.nn.functional.channel_shuffle(call.image(), call.params.integer(1))

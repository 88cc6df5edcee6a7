"""Layers that cut blobs, put them together, take parts and pad.

Source: the layer_interpreter, the …_layer.cc and the cpu_…_layer_acc.cc of each in TNN,
dims_function_utils.cc.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from export.to_tnn.interpreter.call import Call, Refused, axis_of

CONSTANT, REFLECT = 0, 1  # types of Pad and PadV2; 2, edge, NAIVE has only for the border itself


def concat(call: Call) -> Tensor:
    """axis."""
    axis = axis_of(call.params.integer(1), call.x.dim())
    if len({x.dim() for x in call.inputs}) > 1:
        raise Refused("blobs of different ranks")
    return torch.cat(call.inputs, axis)


def split(call: Call) -> Sequence[Tensor]:
    """axis, n, sizes...; equal parts where n is 0."""
    axis = axis_of(call.params.integer(0), call.x.dim())
    side, sizes = call.x.shape[axis], call.params.integers(call.params.integer(0))
    if not sizes and side % call.outputs == 0:
        sizes = (side // call.outputs,) * call.outputs
    if len(sizes) != call.outputs or min(sizes, default=0) < 1 or sum(sizes) != side:
        raise Refused(f"{side} does not become {call.outputs} parts of {list(sizes)}")
    return call.x.split_with_sizes(sizes, axis)


def strided_slice_v2(call: Call) -> Tensor:
    """n, begins..., n, ends..., n, axes..., n, strides...; ends are exclusive.

    TNN replaces negative numbers every time it looks, so those that stay negative go wrong.
    """
    begins, ends, axes, strides = (call.params.counted() for _ in range(4))
    x, axes = call.x, tuple(axis_of(axis, call.x.dim()) for axis in axes)
    if not len(begins) == len(ends) == len(axes) == len(strides):
        raise Refused(f"expected four lists of one length, got {call.params.words}")
    if list(axes) != sorted(set(axes)):
        raise Refused(f"expected the axes in order, each once, got {list(axes)}")
    for axis, begin, end, stride in zip(axes, begins, ends, strides, strict=True):
        side = x.shape[axis]
        stop = end + side if end < 0 else min(end, side)
        x = strided(x, axis, begin + side if begin < 0 else begin, stop, stride)
    return x


def strided_slice(call: Call) -> Tensor:
    """n, begins..., n, ends..., n, strides..., for all axes; an end of 0 is the end."""
    begins, ends, strides = (call.params.counted() for _ in range(3))
    x = call.x
    if not len(begins) == len(ends) == len(strides) == x.dim():
        raise Refused(f"expected three lists of {x.dim()}, got {call.params.words}")
    for axis, (begin, end, stride) in enumerate(zip(begins, ends, strides, strict=True)):
        if end > x.shape[axis]:
            raise Refused(f"expected ends up to {list(x.shape)}, got {list(ends)}")
        x = strided(x, axis, begin, end or x.shape[axis], stride)
    return x


def strided(x: Tensor, axis: int, begin: int, end: int, stride: int) -> Tensor:
    """Raises Refused where TNN would read beside the blob, or have nothing to read."""
    places = range(begin, end, stride) if stride else range(0)
    if not places or not 0 <= begin < x.shape[axis] or end < 0:
        raise Refused(f"nothing at {begin}:{end}:{stride} of axis {axis} of {list(x.shape)}")
    return x.index_select(axis, torch.tensor(list(places)))


def gather(call: Call) -> Tensor:
    """axis, data_in_resource, indices_in_resource; negative indices count from the end."""
    axis, flags = call.params.integer(0), (call.params.integer(0), call.params.integer(1))
    data = resource(call, "data") if flags[0] else call.inputs[0]
    indices = resource(call, "indices") if flags[1] else call.inputs[-1]
    if len(call.inputs) != 2 - (flags[0] != 0) - (flags[1] != 0):
        raise Refused(f"expected a blob for what is in no resource, got {len(call.inputs)}")
    if indices.dtype != torch.int32:
        raise Refused(f"expected indices of int32, got {indices.dtype}")
    axis = axis_of(axis, data.dim())
    side = data.shape[axis]
    places = torch.where(indices < 0, indices + side, indices)
    if int(places.min()) < 0 or int(places.max()) >= side:
        raise Refused(f"an index lies outside the {side} of axis {axis}")
    shape = (*data.shape[:axis], *indices.shape, *data.shape[axis + 1 :])
    return data.index_select(axis, places.flatten()).reshape(shape)


def resource(call: Call, role: str) -> Tensor:
    if role not in call.weights:
        raise Refused(f"expected {role} in the .tnnmodel")
    return call.weights[role]


def pad(call: Call) -> Tensor:
    """0, 0, top, bottom, left, right, first channels, last channels, type, value."""
    _, _, top, bottom, left, right, first, last = call.params.integers(8)
    kind, value = call.params.integer(0), call.params.number(0.0)
    if kind == REFLECT and (first or last):
        raise Refused("reflected channels; TNN reflects height and width")
    call.image()
    return padded(call.x, (0, first, top, left), (0, last, bottom, right), kind, value)


def pad_v2(call: Call) -> Tensor:
    """rank, begins..., ends..., type, value."""
    rank = call.params.integer(0)
    begins, ends = call.params.integers(rank), call.params.integers(rank)
    kind, value = call.params.integer(0), call.params.number(0.0)
    if rank != call.x.dim() or not 2 <= rank <= 5:
        raise Refused(f"expected pads for the 2 to 5 axes of {list(call.x.shape)}, got {rank}")
    return padded(call.x, begins, ends, kind, value)


def padded(
    x: Tensor, begins: Sequence[int], ends: Sequence[int], kind: int, value: float
) -> Tensor:
    if kind not in (CONSTANT, REFLECT) or min(*begins, *ends) < 0:
        raise Refused(f"expected type 0 or 1 and pads from 0, got {kind}, {begins} and {ends}")
    if kind == REFLECT:
        for axis, (begin, end) in enumerate(zip(begins, ends, strict=True)):
            x = reflected(x, axis, begin, end)
        return x
    flat = [side for both in zip(reversed(begins), reversed(ends), strict=True) for side in both]
    return functional.pad(x, flat, value=value)


def reflected(x: Tensor, axis: int, begin: int, end: int) -> Tensor:
    side = x.shape[axis]
    if max(begin, end) >= side:
        raise Refused(f"expected pads below {side} on axis {axis}, got {begin} and {end}")
    places = torch.arange(-begin, side + end).abs()
    return x.index_select(axis, torch.where(places < side, places, 2 * side - 2 - places))

"""Operators that arrange elements anew and compute nothing.

TNN: reshape_, permute_, squeeze_, unsqueeze_, expand_, tile_, cast_ and
pixel_shuffle_layer_interpreter.cc in source/tnn/interpreter/tnn/layer_interpreter/.
"""

from collections.abc import Sequence

import numpy as np

from export.to_tnn.registry import (
    FLOATS_AND_INTEGERS,
    Lowered,
    Refusal,
    Tensor,
    handles,
    integers,
    positive_axis,
)

#: TNN's data types, include/tnn/core/common.h, by ONNX's, onnx.proto3 TensorProto.DataType
CAST_TO = {1: 0, 6: 3, 7: 3}  # float32; int32, and int64 which becomes int32


def reshaped(x: Tensor, shape: Sequence[int]) -> Lowered:
    """axis, num_axes, rank, sides..., reshape_type (0: in ONNX's order of elements)."""
    return Lowered("Reshape", (x,), (0, len(shape), len(shape), *shape, 0))


@handles("Reshape", "Reshape", "constant shape")
def reshape(x: Tensor, shape: Tensor, *, allowzero: int = 0) -> Lowered:
    wanted = integers(shape, "shape")
    copied = [
        x.shape[axis] if side == 0 and not allowzero else side for axis, side in enumerate(wanted)
    ]
    return reshaped(x, np.broadcast_to(np.int8(0), x.shape).reshape(copied).shape)


@handles("Flatten", "Reshape")
def flatten(x: Tensor, *, axis: int = 1) -> Lowered:
    split = positive_axis(axis, x.rank)
    return reshaped(x, [int(np.prod(x.shape[:split])), int(np.prod(x.shape[split:]))])


@handles("Identity", "Reshape", also=("left out, unless an output has no other node",))
def identity(x: Tensor) -> Lowered:
    return reshaped(x, x.shape)


@handles("Transpose", "Permute")
def transpose(x: Tensor, *, perm: Sequence[int] = ()) -> Lowered:
    """rank, order..."""
    order = tuple(perm) or tuple(reversed(range(x.rank)))
    return Lowered("Permute", (x,), (x.rank, *order))


@handles("Squeeze", "Squeeze", "constant axes")
def squeeze(x: Tensor, axes: Tensor | None = None) -> Lowered:
    """n, axes..."""
    if axes is None:
        gone = [axis for axis, side in enumerate(x.shape) if side == 1]
    else:
        gone = sorted(positive_axis(axis, x.rank) for axis in integers(axes, "axes"))
    return Lowered("Squeeze", (x,), (len(gone), *gone))


@handles("Unsqueeze", "Unsqueeze", "constant axes")
def unsqueeze(x: Tensor, axes: Tensor) -> Lowered:
    """n, axes..."""
    given = integers(axes, "axes")
    new = sorted(positive_axis(axis, x.rank + len(given)) for axis in given)
    return Lowered("Unsqueeze", (x,), (len(new), *new))


@handles("Expand", "Expand", "constant shape")
def expand(x: Tensor, shape: Tensor) -> Lowered:
    """n, sides..."""
    sides = np.broadcast_shapes(x.shape, integers(shape, "shape"))
    return Lowered("Expand", (x,), (len(sides), *sides))


@handles("Tile", "Tile", "constant repeats")
def tile(x: Tensor, repeats: Tensor) -> Lowered:
    """repeats..."""
    return Lowered("Tile", (x,), integers(repeats, "repeats"))


@handles(
    "Cast",
    "Cast",
    "to float32, int32 or int64 (which is int32 in TNN)",
    also=("a uint8 input: the net takes the same numbers as float32",),
    dtypes=FLOATS_AND_INTEGERS,
)
def cast(x: Tensor, *, to: int, saturate: int = 1, round_mode: str = "up") -> Lowered:
    """TNN's number of the type."""
    if to not in CAST_TO:
        raise Refusal("TNN casts to float32 and int32", "export the model in float32")
    return Lowered("Cast", (x,), (CAST_TO[to],))


@handles(
    "DepthToSpace", "PixelShuffle", "4-D", also=("mode DCR, with its channels sorted before it",)
)
def depth_to_space(x: Tensor, *, blocksize: int, mode: str = "DCR") -> Lowered:
    """upscale_factor."""
    if mode != "CRD":
        raise Refusal(f"mode={mode!r}, TNN has CRD", "export it with mode=CRD")
    return Lowered("PixelShuffle", (x,), (blocksize,))

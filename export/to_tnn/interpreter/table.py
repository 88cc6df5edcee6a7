"""The layers that run, by TNN's word for the type, and those that TNN has not everywhere.

Words: source/tnn/core/layer_type.cc of TNN. Shapes, parameters and arithmetic are those of its
NAIVE device (source/tnn/layer/, source/tnn/device/cpu/acc/).
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from export.to_tnn.interpreter import (
    convolution,
    elementwise,
    matmul,
    norm,
    pooling,
    reduce,
    resize,
    select,
    shape,
)
from export.to_tnn.interpreter.call import Call

FLOATS = (torch.float32,)
ANY = (torch.float32, torch.int32)


class Op(NamedTuple):
    run: Callable[[Call], Tensor | Sequence[Tensor]]
    inputs: tuple[int, int] = (1, 1)  # at least, at most
    dtypes: tuple[torch.dtype, ...] = FLOATS  # of the inputs


OPS: dict[str, Op] = {
    "Convolution": Op(convolution.convolution),
    "Deconvolution": Op(convolution.deconvolution),
    "Pooling": Op(pooling.pooling),
    "Upsample": Op(resize.upsample, (1, 4)),
    "MatMul": Op(matmul.matmul, (1, 2)),
    "InnerProduct": Op(matmul.inner_product),
    "Softmax": Op(norm.softmax),
    "SoftmaxCaffe": Op(norm.softmax),
    "LayerNorm": Op(norm.layer_norm, (3, 3)),
    "GroupNorm": Op(norm.group_norm, (3, 3)),
    "InstBatchNormCxx": Op(norm.instance_norm),
    "BatchNormCxx": Op(norm.batch_norm),
    "HardSwish": Op(elementwise.hard_swish, (1, 2)),
    "ArgMaxOrMin": Op(reduce.arg_max_or_min),
    "Reshape": Op(shape.reshape),
    "Flatten": Op(shape.flatten),
    "Permute": Op(shape.permute),
    "Squeeze": Op(shape.squeeze, dtypes=ANY),
    "Unsqueeze": Op(shape.unsqueeze, dtypes=ANY),
    "Expand": Op(shape.expand, dtypes=ANY),
    "Tile": Op(shape.tile, dtypes=ANY),
    "Cast": Op(shape.cast, dtypes=ANY),
    "PixelShuffle": Op(shape.pixel_shuffle),
    "ShuffleChannel": Op(shape.channel_shuffle),
    "Concat": Op(select.concat, (2, 4096)),
    "SplitV": Op(select.split),
    "StridedSlice": Op(select.strided_slice),
    "StridedSliceV2": Op(select.strided_slice_v2),
    "Gather": Op(select.gather, (1, 2), ANY),
    "Pad": Op(select.pad),
    "PadV2": Op(select.pad_v2),
    **{name: Op(run) for name, run in elementwise.LAYERS.items()},
    **{name: Op(run, (1, 2)) for name, run in elementwise.PAIRS.items()},
    **{name: Op(run) for name, run in reduce.LAYERS.items()},
}

NOT_ON_ARM = "ARM has no such layer"
REFUSED = {
    "Const": "TNN creates it on no device; make it a constant blob or a resource",
    "Erf": f"{NOT_ON_ARM}; use GELU",
    **dict.fromkeys(
        (
            *("Shape", "Range", "Where", "TopK", "LogSoftmax", "Einsum", "GatherND", "OneHot"),
            *("Equal", "Greater", "Less", "ConstantOfShape"),
        ),
        NOT_ON_ARM,
    ),
}

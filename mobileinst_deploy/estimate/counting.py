"""What an operation has to compute, whatever program runs it: counts that no runtime undercuts.

A multiply-add is one operation of a vector lane, and so is an addition or a maximum: a pipeline
takes one instruction of either a cycle. Additions of a bias or another tensor cost none, since an
accumulator can start from it, and neither does a constant factor, which weights can take up; an
exponential and a division count as one, which they never are. What is not in the tables counts as
no arithmetic, which keeps the sum a lower bound.
"""

import math
from collections.abc import Callable, Mapping

from mobileinst_deploy.estimate.onnx_graph import Operation, Tensor

# Operations that only say where numbers lie: their neighbours can read or write them there.
SAME_NUMBERS = frozenset({"Flatten", "Identity", "Reshape", "Squeeze", "Transpose", "Unsqueeze"})
OTHER_VIEWS = frozenset({
    "Concat", "DepthToSpace", "Expand", "Gather", "GatherElements", "GatherND", "Pad", "Shape",
    "Slice", "SpaceToDepth", "Split", "Tile",
})  # fmt: skip
VIEWS = SAME_NUMBERS | OTHER_VIEWS

# Lane operations for each number of the output, where each depends on one place of the inputs.
ELEMENTWISE: Mapping[str, int] = {
    "Abs": 1, "Add": 0, "BatchNormalization": 0, "Cast": 1, "Clip": 2, "Div": 1, "Elu": 3,
    "Erf": 1, "Exp": 1, "Gelu": 3, "HardSigmoid": 3, "HardSwish": 4, "LeakyRelu": 2, "Log": 1,
    "Max": 1, "Min": 1, "Mul": 1, "Neg": 1, "PRelu": 2, "Pow": 1, "Reciprocal": 1, "Relu": 1,
    "Sigmoid": 3, "Softplus": 3, "Sqrt": 1, "Sub": 0, "Tanh": 3, "Where": 1,
}  # fmt: skip

# Lane operations for each number of the first input.
REDUCING: Mapping[str, int] = {
    "GlobalAveragePool": 1, "GlobalMaxPool": 1, "ReduceMax": 1, "ReduceMean": 1, "ReduceMin": 1,
    "ReduceSum": 1,
    "Softmax": 2,  # exponential and sum; what divides by it can come later
    "LayerNormalization": 4,  # sum, sum of squares, two multiply-adds
    "GroupNormalization": 3, "InstanceNormalization": 3,  # sum, sum of squares, multiply-add
}  # fmt: skip

# Operations of which only so many inputs are numbers to compute with; the rest are settings.
DATA_INPUTS: Mapping[str, int] = {
    "Clip": 1, "ReduceMax": 1, "ReduceMean": 1, "ReduceMin": 1, "ReduceSum": 1, "Resize": 1,
}  # fmt: skip

SCALING = frozenset({"Div", "Mul"})
LINEAR_RESIZE = 2  # a difference and a multiply-add along the last axis, for each number


def convolution_macs(one: Operation) -> int:
    """Each output is a sum over the kernel's places and its group's input channels."""
    return one.outputs[0].size * math.prod(one.inputs[1].shape[1:])


def transposed_convolution_macs(one: Operation) -> int:
    """Each input goes to the kernel's places of its group's output channels."""
    return one.inputs[0].size * math.prod(one.inputs[1].shape[1:])


def matrix_product_macs(one: Operation) -> int:
    return one.outputs[0].size * one.inputs[0].shape[-1]


def gemm_macs(one: Operation) -> int:
    return one.outputs[0].size * one.inputs[0].shape[0 if one.attributes.get("transA") else 1]


MACS: Mapping[str, Callable[[Operation], int]] = {
    "Conv": convolution_macs,
    "ConvTranspose": transposed_convolution_macs,
    "Gemm": gemm_macs,
    "MatMul": matrix_product_macs,
}


def pooling(one: Operation) -> int:
    places: int = math.prod(one.attributes["kernel_shape"])
    return one.outputs[0].size * places


def resizing(one: Operation) -> int:
    linear = one.attributes.get("mode", b"nearest") == b"linear"
    return one.outputs[0].size * LINEAR_RESIZE if linear else 0


OTHERS: Mapping[str, Callable[[Operation], int]] = {
    "AveragePool": pooling,
    "MaxPool": pooling,
    "Resize": resizing,
}


def count_macs(one: Operation) -> int:
    return MACS[one.type](one) if one.type in MACS else 0


def count_others(one: Operation) -> int:
    """Lane operations that are not multiply-adds of a convolution or a matrix product."""
    if one.type in OTHERS:
        return OTHERS[one.type](one)
    if one.type in REDUCING:
        return one.inputs[0].size * REDUCING[one.type]
    if one.type in SCALING and one.inputs[-1].constant:
        return 0
    return one.outputs[0].size * ELEMENTWISE.get(one.type, 0)


def is_counted(one: Operation) -> bool:
    """Whether its arithmetic is known."""
    return any(one.type in table for table in (MACS, OTHERS, REDUCING, ELEMENTWISE))


def data_inputs(one: Operation) -> tuple[Tensor, ...]:
    return one.inputs[: DATA_INPUTS.get(one.type, len(one.inputs))]

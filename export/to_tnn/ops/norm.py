"""Normalisations, and Softmax.

TNN: layer_norm_, group_norm_, instance_norm_ and batch_norm_layer_interpreter.cc in
source/tnn/interpreter/tnn/layer_interpreter/.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from export.to_tnn.registry import (
    Lowered,
    Refusal,
    Tensor,
    handles,
    positive_axis,
    weights,
)

#: source/tnn/device/arm/acc/arm_instance_norm_layer_acc.cc, x86/acc/x86_inst_norm_layer_acc.cc
FIXED_EPSILON = 1e-5


@handles(
    "BatchNormalization",
    "BatchNormCxx",
    "constant statistics",
    also=("behind a convolution it is folded into that",),
)
def batch_norm(
    x: Tensor,
    scale: Tensor,
    b: Tensor,
    mean: Tensor,
    var: Tensor,
    *,
    epsilon: float = 1e-5,
    momentum: float = 0.9,
    training_mode: int = 0,
    spatial: int = 1,  # until opset 9
) -> Lowered:
    """One factor and one term a channel."""
    if training_mode or not spatial:
        raise Refusal("it computes statistics", "export the model for inference")
    parts = (weights(part, "operand").astype(np.float64) for part in (scale, b, mean, var))
    gamma, beta, center, spread = parts
    factor = gamma / np.sqrt(spread + epsilon)
    term = beta - center * factor
    arrays = {"scale": factor.astype(np.float32), "bias": term.astype(np.float32)}
    return Lowered("BatchNormCxx", (x,), (), arrays)


@handles("InstanceNormalization", ("InstBatchNormCxx", "GroupNorm"), "constant scale and bias")
def instance_norm(x: Tensor, scale: Tensor, b: Tensor, *, epsilon: float = 1e-5) -> Lowered:
    """channels, eps. ARM and X86 have a fixed epsilon; GroupNorm takes any other."""
    if not math.isclose(epsilon, FIXED_EPSILON, rel_tol=1e-3):
        return group_norm(x, scale, b, epsilon=epsilon, num_groups=x.shape[1])
    arrays = {"scale": weights(scale, "scale"), "bias": weights(b, "bias")}
    return Lowered("InstBatchNormCxx", (x,), (x.shape[1], epsilon), arrays)


@handles(
    "GroupNormalization",
    "GroupNorm",
    "constant scale and bias",
    "opset 21 and later",
    also=("spelled with InstanceNormalization between two Reshapes",),
)
def group_norm(
    x: Tensor,
    scale: Tensor,
    bias: Tensor,
    *,
    epsilon: float = 1e-5,
    num_groups: int,
    stash_type: int = 1,
) -> Lowered:
    """group, eps; scale and bias have one number a channel."""
    affine = (
        constant_blob("scale", weights(scale, "scale")),
        constant_blob("bias", weights(bias, "bias")),
    )
    return Lowered("GroupNorm", (x, *affine), (num_groups, epsilon))


@handles("LayerNormalization", "LayerNorm", "constant scale and bias", also=("spelled out",))
def layer_norm(
    x: Tensor,
    scale: Tensor,
    b: Tensor | None = None,
    *,
    axis: int = -1,
    epsilon: float = 1e-5,
    stash_type: int = 1,
) -> Lowered:
    """reduce_dims_size, eps; scale and bias have exactly the axes that are normalised."""
    sides = x.shape[positive_axis(axis, x.rank) :]
    factor = np.broadcast_to(weights(scale, "scale"), sides)
    term = np.zeros(sides, np.float32) if b is None else weights(b, "bias")
    affine = (constant_blob("scale", factor), constant_blob("bias", np.broadcast_to(term, sides)))
    return Lowered("LayerNorm", (x, *affine), (len(sides), epsilon))


def constant_blob(name: str, values: NDArray[Any]) -> Tensor:
    array = np.ascontiguousarray(values, np.float32)
    return Tensor(name, array.shape, "float32", array)


@handles(
    "Softmax", "SoftmaxCaffe", also=("axis 0, transposed", "several axes at once (opset < 13)")
)
def softmax(x: Tensor, *, axis: int = -1) -> Lowered:
    return Lowered("SoftmaxCaffe", (x,), (positive_axis(axis, x.rank),))

"""Normalisations, and Softmax.

TNN: layer_norm_, group_norm_, instance_norm_ and batch_norm_layer_interpreter.cc in
source/tnn/interpreter/tnn/layer_interpreter/.
"""

import numpy as np

from export.to_tnn.registry import (
    Lowered,
    Refusal,
    Tensor,
    handles,
    positive_axis,
    weights,
)


@handles(
    "BatchNormalization",
    "BatchNormCxx",
    "constant statistics; folded into a convolution before it",
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


@handles("InstanceNormalization", "InstBatchNormCxx", "constant scale and bias")
def instance_norm(x: Tensor, scale: Tensor, b: Tensor, *, epsilon: float = 1e-5) -> Lowered:
    """channels, eps."""
    arrays = {"scale": weights(scale, "scale"), "bias": weights(b, "bias")}
    return Lowered("InstBatchNormCxx", (x,), (x.shape[1], epsilon), arrays)


@handles("GroupNormalization", "GroupNorm", "constant scale and bias")
def group_norm(
    x: Tensor,
    scale: Tensor,
    bias: Tensor,
    *,
    epsilon: float = 1e-5,
    num_groups: int,
    stash_type: int = 1,
) -> Lowered:
    """group, eps; opset 18 has one scale a group, opset 21 one a channel, like TNN."""
    channels = x.shape[1]
    per_channel = (
        of_channels(operand, channels, what) for operand, what in ((scale, "scale"), (bias, "bias"))
    )
    return Lowered("GroupNorm", (x, *per_channel), (num_groups, epsilon))


def of_channels(operand: Tensor, channels: int, what: str) -> Tensor:
    values = weights(operand, what)
    return named_constant(what, np.repeat(values, channels // len(values)))


@handles("LayerNormalization", "LayerNorm", "constant scale and bias; also where it is spelled out")
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
    affine = (named_constant("scale", factor), named_constant("bias", np.broadcast_to(term, sides)))
    return Lowered("LayerNorm", (x, *affine), (len(sides), epsilon))


def named_constant(name: str, values: np.ndarray) -> Tensor:
    array = np.ascontiguousarray(values, np.float32)
    return Tensor(name, array.shape, "float32", array)


@handles("Softmax", "SoftmaxCaffe", "axis 0 is transposed away; opset < 13 over the last axis only")
def softmax(x: Tensor, *, axis: int = -1) -> Lowered:
    return Lowered("SoftmaxCaffe", (x,), (positive_axis(axis, x.rank),))

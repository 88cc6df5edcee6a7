"""MatMul (weight_position) and InnerProduct (num_output, has_bias, transpose, axis).

Source: mat_mul_layer.cc, cpu_mat_mul_layer_acc.cc, inner_product_layer.cc and naive_compute.cc of
TNN.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional

from export.to_tnn.interpreter.call import Call, Refused


def matmul(call: Call) -> Tensor:
    """[…, M, K] and [K, N], or both with the same batch axes."""
    a, b = operands(call)
    if min(a.dim(), b.dim()) < 1:
        raise Refused("a scalar has no rows")
    if a.shape[-1] != b.shape[-min(b.dim(), 2)]:
        raise Refused(f"no product of {list(a.shape)} and {list(b.shape)}")
    check_batches(a.shape[:-2], b.shape[:-2])
    return torch.matmul(a, b)


def operands(call: Call) -> tuple[Tensor, Tensor]:
    """The position of the weight counts only where there is one blob."""
    position = call.params.integer(-1)
    if len(call.inputs) == 2:
        return call.inputs[0], call.inputs[1]
    if position not in (0, 1) or "weight" not in call.weights:
        raise Refused(f"expected two blobs, or a weight at 0 or 1, got one at {position}")
    weight = call.weights["weight"]
    return (weight, call.x) if position == 0 else (call.x, weight)


def check_batches(a: torch.Size, b: torch.Size) -> None:
    """TNN counts batches modulo, which is broadcasting only where one has all of them or one."""
    rank = max(len(a), len(b))
    same = [1] * (rank - len(a)) + list(a) == [1] * (rank - len(b)) + list(b)
    if not same and min(math.prod(a), math.prod(b)) > 1:
        raise Refused(f"expected equal batches, or a single one, got {list(a)} and {list(b)}")


def inner_product(call: Call) -> Tensor:
    """[N, …] -> [N, num_output]: everything behind the first axis is one row."""
    count, has_bias, transpose, axis = call.params.integers(4)
    if axis != 1 or transpose:
        raise Refused(f"TNN computes it for axis 1 and transpose 0, got {axis} and {transpose}")
    call.channels()
    rows = call.x.flatten(1)
    bias = call.weight("bias", count) if has_bias else None
    return functional.linear(rows, call.weight("weight", count, rows.shape[1]), bias)

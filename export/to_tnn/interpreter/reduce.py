"""Reductions: keep_dims, axes...; all axes where none is given. ArgMaxOrMin.

Source: reduce_op_interpreter.cc, reduce_layer.cc and the cpu_reduce_…_layer_acc.cc of TNN.
"""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from export.to_tnn.interpreter.call import Call, Refused, axis_of

Reduction = Callable[[Tensor, list[int]], Tensor]  # keeps the axes


def product(x: Tensor, axes: list[int]) -> Tensor:
    for axis in axes:
        x = x.prod(axis, keepdim=True)
    return x


REDUCTIONS: dict[str, Reduction] = {
    "ReduceMean": lambda x, axes: x.mean(axes, keepdim=True),
    "ReduceSum": lambda x, axes: x.sum(axes, keepdim=True),
    "ReduceMax": lambda x, axes: x.amax(axes, keepdim=True),
    "ReduceMin": lambda x, axes: x.amin(axes, keepdim=True),
    "ReduceProd": product,
    "ReduceL1": lambda x, axes: x.abs().sum(axes, keepdim=True),
    "ReduceL2": lambda x, axes: x.square().sum(axes, keepdim=True).sqrt(),
    "ReduceLogSum": lambda x, axes: x.sum(axes, keepdim=True).log(),
    "ReduceLogSumExp": lambda x, axes: x.logsumexp(axes, keepdim=True),
    "ReduceSumSquare": lambda x, axes: x.square().sum(axes, keepdim=True),
}


def reduction(function: Reduction, call: Call) -> Tensor:
    keep, given = call.params.integer(), call.params.rest()
    rank = call.x.dim()
    axes = sorted({axis_of(axis, rank) for axis in given} or range(rank))
    y = function(call.x, axes)
    return y if keep else y.reshape([side for i, side in enumerate(y.shape) if i not in axes])


def arg_max_or_min(call: Call) -> Tensor:
    """mode (0: min), axis, keep_dims, select_last_index; int32, the first of equals."""
    mode, axis, keep, last = (call.params.integer(default) for default in (None, None, 1, 0))
    if last:
        raise Refused("select_last_index=1, and NAIVE takes the first")
    function = torch.argmax if mode else torch.argmin
    return function(call.x, axis_of(axis, call.x.dim()), keepdim=keep != 0).int()


LAYERS = {name: partial(reduction, function) for name, function in REDUCTIONS.items()}

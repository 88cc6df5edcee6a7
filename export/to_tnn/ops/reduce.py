"""Reductions over axes, and the place of the largest or smallest element.

TNN: source/tnn/interpreter/tnn/layer_interpreter/reduce_op_interpreter.cc,
arg_max_or_min_layer_interpreter.cc.
"""

from functools import partial

from export.to_tnn.registry import Lowered, Refusal, Tensor, handles, integers, positive_axis

REDUCTIONS = (
    "ReduceMean",
    "ReduceSum",
    "ReduceMax",
    "ReduceMin",
    "ReduceProd",
    "ReduceL1",
    "ReduceL2",
    "ReduceLogSum",
    "ReduceLogSumExp",
    "ReduceSumSquare",
)
ARGUMENTS = {"ArgMin": 0, "ArgMax": 1}  # name: mode


def reduction(
    layer: str,
    x: Tensor,
    axes: Tensor | None = None,
    *,
    keepdims: int = 1,
    noop_with_empty_axes: int = 0,
) -> Lowered:
    """keep_dims, axes..."""
    given = () if axes is None else integers(axes, "axes")
    if not given and noop_with_empty_axes:
        raise Refusal("it reduces nothing", "leave it out")
    over = sorted(positive_axis(axis, x.rank) for axis in given or range(x.rank))
    return Lowered(layer, (x,), (keepdims, *over))


def argument(
    mode: int, x: Tensor, *, axis: int = 0, keepdims: int = 1, select_last_index: int = 0
) -> Lowered:
    """mode, axis, keep_dims, select_last_index."""
    if select_last_index:
        raise Refusal("select_last_index=1, TNN takes the first", "export it without")
    return Lowered("ArgMaxOrMin", (x,), (mode, positive_axis(axis, x.rank), keepdims, 0))


for name in REDUCTIONS:
    handles(name, name, "constant axes")(partial(reduction, name))
for name, mode in ARGUMENTS.items():
    handles(name, "ArgMaxOrMin", "the first of equals; gives int32")(partial(argument, mode))

"""What TNN's ARM device gets wrong where NAIVE is right; such layers are refused.

Found by running every layer on both (TNN 0.3.0, ARM at precision HIGH). ARM keeps blobs as
[N, C/4, H, W, 4], and what goes wrong is mostly a blob whose first two axes are no N and C.
"""

import math
from collections.abc import Callable, Sequence

from export.to_tnn.interpreter.call import Call, Refused
from export.to_tnn.interpreter.elementwise import BINARY
from export.to_tnn.interpreter.reduce import REDUCTIONS
from export.to_tnn.interpreter.select import CONSTANT

ONE_AXIS = (
    *("ReLU", "Relu", "Sign", "Clip", "Power", "HardSwish"),
    *("Concat", "SplitV", "StridedSliceV2", "Permute"),
)


def one_axis(call: Call) -> None:
    if max(x.dim() for x in call.inputs) < 2:
        raise Refused("ARM goes wrong on a single axis; reshape to [1, n]")


def operands(call: Call) -> None:
    """A blob of fewer axes stays as it lies, though the others have their channels elsewhere."""
    one_axis(call)
    rank = max(x.dim() for x in call.inputs)
    for x in call.inputs:
        if not same_layout(x.shape, rank):
            raise Refused(f"ARM misreads {list(x.shape)} next to {rank} axes; reshape to {rank}")


def same_layout(shape: Sequence[int], rank: int) -> bool:
    """Whether the blob lies as it would with ones in front."""
    front = [1] * (rank - len(shape))
    channels = [*shape, 1, 1][1], [*front, *shape][1]
    return not front or math.prod(shape) == 1 or channels == (1, 1)


def reduced(call: Call) -> None:
    keep, axes = call.params.integer(), call.params.rest()
    if not keep and (not axes or {0, -call.x.dim()}.intersection(axes)):
        raise Refused("ARM goes wrong where axis 0 disappears; keep the axes and reshape")


def repeated(call: Call) -> None:
    if call.params.left > call.x.dim():
        raise Refused(f"ARM goes wrong with more repeats than the {call.x.dim()} axes")


def sliced(call: Call) -> None:
    one_axis(call)
    _, _, axes, strides = (call.params.counted() for _ in range(4))
    if min(axes, default=0) < 0 or min(strides, default=1) < 1:
        raise Refused(f"ARM goes wrong with negative axes or strides, got {axes} and {strides}")


def sliced_v1(call: Call) -> None:
    if min(call.params.rest()) < 0:
        raise Refused(f"ARM goes wrong with negative numbers, got {call.params.words}")


def bounded(call: Call) -> None:
    one_axis(call)
    low, high = call.params.number(0.0), call.params.number(0.0)
    if low > high:
        raise Refused(f"NAIVE and ARM differ where min {low} is above max {high}")


def padded(call: Call) -> None:
    rank = call.params.integer(0)
    begins, ends = call.params.integers(rank), call.params.integers(rank)
    whole = 1 if call.params.integer(0) == CONSTANT else 2  # axes in front that stay
    if rank > 4 or any(begins[:whole] + ends[:whole]):
        raise Refused("ARM pads up to 4 axes, never the batch, and reflects no channels")


LIMITS: dict[str, Callable[[Call], None]] = {
    **dict.fromkeys(ONE_AXIS, one_axis),
    **dict.fromkeys(BINARY, operands),
    **dict.fromkeys(REDUCTIONS, reduced),
    "Tile": repeated,
    "StridedSliceV2": sliced,
    "StridedSlice": sliced_v1,
    "Clip": bounded,
    "PadV2": padded,
}

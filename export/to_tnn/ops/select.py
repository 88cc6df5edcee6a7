"""Operators that cut tensors, put them together, and pad them.

TNN: stride_slice_v2_, splitv_, concat_, gather_, pad_ and padv2_layer_interpreter.cc in
source/tnn/interpreter/tnn/layer_interpreter/.
"""

from collections.abc import Sequence

import numpy as np

from export.to_tnn.registry import (
    FLOATS_AND_INTEGERS,
    Lowered,
    Refusal,
    Tensor,
    constant,
    handles,
    integers,
    positive_axis,
    scalar,
    weights,
)

PAD_MODES = {"constant": 0, "reflect": 1}  # edge, 2, runs on no device


@handles("Slice", "StridedSliceV2", "constant bounds, steps > 0")
def slice_(
    x: Tensor, starts: Tensor, ends: Tensor, axes: Tensor | None = None, steps: Tensor | None = None
) -> Lowered:
    """n, begins..., n, ends..., n, axes..., n, strides..."""
    begins, stops = integers(starts, "starts"), integers(ends, "ends")
    given = range(len(begins)) if axes is None else integers(axes, "axes")
    strides = (1,) * len(begins) if steps is None else integers(steps, "steps")
    if any(step < 1 for step in strides):
        raise Refusal(f"its steps are {list(strides)}, TNN goes forward", "export it without")
    places = [positive_axis(axis, x.rank) for axis in given]
    cuts = zip(places, begins, stops, strides, strict=True)
    bounds = [slice(*cut).indices(x.shape[axis]) for axis, *cut in cuts]
    if any(stop <= begin for begin, stop, _ in bounds):
        raise Refusal("nothing is left of it", "export it without")
    lists = zip(
        *(
            (begin, stop, axis, step)
            for axis, (begin, stop, step) in zip(places, bounds, strict=True)
        ),
        strict=True,
    )
    return Lowered("StridedSliceV2", (x,), tuple(n for row in lists for n in (len(row), *row)))


@handles("Split", "SplitV", "constant sizes", many=True)
def split(x: Tensor, sizes: Tensor, *, axis: int = 0, num_outputs: int = 0) -> Lowered:
    """axis, n, sizes...; the preparation spells sizes that are not given."""
    parts = integers(sizes, "split")
    return Lowered("SplitV", (x,), (positive_axis(axis, x.rank), len(parts), *parts))


@handles("Concat", "Concat")
def concat(*inputs: Tensor, axis: int) -> Lowered:
    return Lowered("Concat", inputs, (positive_axis(axis, inputs[0].rank),))


@handles(
    "Gather",
    "Gather",
    "int32 indices; one of the two operands constant",
    dtypes=FLOATS_AND_INTEGERS,
)
def gather(data: Tensor, indices: Tensor, *, axis: int = 0) -> Lowered:
    """axis, data_in_resource, indices_in_resource."""
    if indices.value is not None:
        side = data.shape[axis]
        places = constant(indices, "indices")
        arrays = {"indices": np.where(places < 0, places + side, places).astype(np.int32)}
        return Lowered("Gather", (data,), (positive_axis(axis, data.rank), 0, 1), arrays)
    if data.value is not None:
        arrays_of_data = {"data": weights(data, "data")}
        return Lowered("Gather", (indices,), (positive_axis(axis, data.rank), 1, 0), arrays_of_data)
    raise Refusal("both operands are computed", "export it with constant indices")


@handles(
    "Pad",
    ("Pad", "PadV2"),
    "constant, non-negative pads",
    "reflect: the last two axes in 4-D, or 3-D; no edge, no wrap",
)
def pad(
    x: Tensor,
    pads: Tensor,
    value: Tensor | None = None,
    axes: Tensor | None = None,
    *,
    mode: str = "constant",
) -> Lowered:
    amounts = integers(pads, "pads")
    given = range(x.rank) if axes is None else integers(axes, "axes")
    begins, ends = [0] * x.rank, [0] * x.rank
    for place, axis in enumerate(given):
        begins[axis], ends[axis] = amounts[place], amounts[place + len(given)]
    if min(amounts) < 0 or mode not in PAD_MODES:
        raise Refusal(
            f"mode={mode!r} with {list(amounts)}, TNN has constant and reflect, and cuts nothing",
            "use another mode, or Slice",
        )
    return padded(x, begins, ends, mode, 0.0 if value is None else scalar(value, "value"))


def padded(
    x: Tensor, begins: Sequence[int], ends: Sequence[int], mode: str, value: float
) -> Lowered:
    """Pad: 0, 0, top, bottom, left, right, channels, type, value. PadV2: rank, begins, ends, ..."""
    tail = (PAD_MODES[mode], value)
    if x.rank == 4 and not (begins[0] or ends[0]):
        (_, c0, top, left), (_, c1, bottom, right) = begins, ends
        if mode == "constant" or not (c0 or c1):
            return Lowered("Pad", (x,), (0, 0, top, bottom, left, right, c0, c1, *tail))
    if (mode == "reflect" and x.rank != 3) or not 2 <= x.rank <= 5:
        raise Refusal(f"TNN has no {mode!r} padding for {x.shape}", "pad the last two of 4 axes")
    return Lowered("PadV2", (x,), (x.rank, *begins, *ends, *tail))

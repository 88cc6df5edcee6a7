"""What is right on TNN's NAIVE device and wrong on ARM does not run."""

import numpy as np
import pytest

from export.errors import ConversionError
from export.to_tnn.interpreter.elementwise import BINARY
from export.to_tnn.interpreter.limits import LIMITS, same_layout
from export.to_tnn.interpreter.table import OPS, REFUSED
from tests.export.to_tnn.one_layer import run_layer, some

X, ROW = some(2, 3, 4, 5), some(6)

ONE_AXIS = [
    ("ReLU", "", 1),
    ("Sign", "", 1),
    ("Clip", "0 1", 1),
    ("Power", "2", 1),
    ("HardSwish", "1 0", 1),
    ("SplitV", "0 0", 2),
    ("Permute", "1 0", 1),
    ("StridedSliceV2", "1 0 1 1 1 0 1 1", 1),
]


@pytest.mark.parametrize(("kind", "params", "outputs"), ONE_AXIS)
def test_a_single_axis(kind: str, params: str, outputs: int):
    with pytest.raises(
        ConversionError, match=r"ARM goes wrong on a single axis; reshape to \[1, n"
    ):
        run_layer(kind, params, ROW, outputs=outputs)
    run_layer(kind, params, some(1, 6))


def test_a_single_axis_of_two():
    for kind in (*BINARY, "Concat"):
        with pytest.raises(ConversionError, match="ARM goes wrong on a single axis"):
            run_layer(kind, "-1", ROW, ROW)


# what stands next to [2, 3, 4, 5]
LAYOUTS = [
    ((2, 3, 4, 5), True),
    ((1, 3, 1, 1), True),
    ((), True),
    ((1,), True),
    ((5,), True),
    ((1, 1), True),
    ((4, 1), True),
    ((1, 1, 5), True),
    ((4, 5), False),
    ((1, 5), False),
    ((3, 1, 1), False),
    ((1, 4, 5), False),
    ((3, 4, 5), False),
]


@pytest.mark.parametrize(("shape", "same"), LAYOUTS)
def test_blobs_of_fewer_axes(shape: tuple[int, ...], same: bool):
    assert same_layout(shape, 4) is same
    if not same:
        with pytest.raises(ConversionError, match=r"ARM misreads .* next to 4 axes; reshape to 4"):
            run_layer("Add", "-1", X, some(*shape))
    if shape:  # as the layer's own resource they are right
        run_layer("Add", "1", X, weights={"element": some(*shape)})


def test_one_axis_more_moves_the_channels():
    assert not same_layout((5,), 2)
    assert same_layout((5,), 3)


OTHERS = [
    ("ReduceMean", "0 0", X, "axis 0 disappears; keep the axes and reshape"),
    ("ReduceMax", "0 1 -4", X, "axis 0 disappears"),
    ("ReduceSum", "0", X, "axis 0 disappears"),
    ("Tile", "2 1 1", some(3, 4), "more repeats than the 2 axes"),
    ("StridedSliceV2", "1 0 1 2 1 -1 1 1", X, "negative axes or strides"),
    ("StridedSliceV2", "1 3 1 0 1 2 1 -1", X, "negative axes or strides"),
    ("StridedSliceV2", "1 0 1 3 1 2 1 0", X, "negative axes or strides"),
    ("StridedSlice", "4 0 0 0 -1 4 0 0 0 0 4 1 1 1 1", X, "negative numbers"),
    ("Clip", "1 -1", X, r"min 1\.0 is above max -1\.0"),
    ("PadV2", "4 1 0 0 0 0 0 0 0 0 0", X, "ARM pads up to 4 axes, never the batch"),
    ("PadV2", "4 0 0 0 0 0 1 0 0 1 0", X, "reflects no channels"),
    ("PadV2", "5 0 0 0 0 1 0 0 0 0 0 0 0", X[None], "ARM pads up to 4 axes"),
    ("Reshape", "0 1 1 -1", X.astype(np.int32), "got torch.int32"),
]


@pytest.mark.parametrize(("kind", "params", "x", "message"), OTHERS)
def test_other_limits(kind: str, params: str, x: np.ndarray, message: str):
    with pytest.raises(ConversionError, match=message):
        run_layer(kind, params, x)


def test_the_tables_agree():
    assert LIMITS.keys() <= OPS.keys()
    assert not REFUSED.keys() & OPS.keys()

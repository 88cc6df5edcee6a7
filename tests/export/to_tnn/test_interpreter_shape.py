"""Layers that reshape, cut, join, take and pad."""

import numpy as np
import pytest
import torch

from export.errors import ConversionError
from tests.export.to_tnn.one_layer import Array, run_layer, some

X = some(2, 3, 4, 5)
CUBE = X[0]
INTEGERS = np.arange(120, dtype=np.int32).reshape(2, 3, 4, 5)
NUMBERS = INTEGERS.astype(np.float32)
INT_MAX = 2**31 - 1

SHAPES = [
    ("Reshape", "0 3 3 2 12 5 0", X, X.reshape(2, 12, 5)),
    ("Reshape", "0 3 3 0 -1 5 0", X, X.reshape(2, 12, 5)),
    ("Reshape", "0 4 4 0 0 0 -1 0", X, X),
    ("Reshape", "0 1 1 -1", X, X.reshape(-1)),
    ("Reshape", "0 -1 2 6 20", X, X.reshape(6, 20)),
    ("Reshape", "1 1 1 -1 0", X, X.reshape(2, 60)),
    ("Reshape", "2 1 1 0 0", X.reshape(2, 3, 20), X.reshape(2, 3, 20)),
    ("Flatten", "1", X, X.reshape(2, 60)),
    ("Flatten", "0", X, X.reshape(1, 120)),
    ("Flatten", "4", X, X.reshape(120, 1)),
    ("Permute", "4 0 2 3 1", X, X.transpose(0, 2, 3, 1)),
    ("Permute", "5 4 0 3 1 2", X[None], X[None].transpose(4, 0, 3, 1, 2)),
    ("Permute", "2 1 0", X, X.transpose(1, 0, 2, 3)),  # what is not listed follows
    ("Permute", "1 2", X, X.transpose(2, 0, 1, 3)),
    ("Squeeze", "1 1", X[:, :1], X[:, 0]),
    ("Squeeze", "2 0 3", X[:1, :, :, :1], X[0, :, :, 0]),
    ("Squeeze", "2 1 -1", X[:, :1, :, :1], X[:, 0, :, 0]),
    ("Squeeze", "0", X, X),
    ("Unsqueeze", "2 0 2", CUBE, CUBE[None, :, None]),
    ("Unsqueeze", "1 -1", CUBE, CUBE[..., None]),
    ("Unsqueeze", "2 1 1", CUBE, CUBE[:, None, None]),
    ("Expand", "4 2 3 4 5", X[:, :1], np.broadcast_to(X[:, :1], X.shape)),
    ("Expand", "4 2 -1 1 5", CUBE, np.broadcast_to(CUBE, X.shape)),
    ("Expand", "1 5", CUBE, CUBE),
    ("Expand", "3 2 1 5", CUBE[:1], np.broadcast_to(CUBE[:1], (2, 4, 5))),
    ("Tile", "1 2 1 3", X, np.tile(X, (1, 2, 1, 3))),
    ("Tile", "2 3", X, np.tile(X, (2, 3))),
    ("Tile", "", X, X),
    ("Cast", "3", 3 * X, (3 * X).astype(np.int32)),
    ("Cast", "0", INTEGERS, NUMBERS),
    ("Cast", "", X, X),
    ("Cast", "3", INTEGERS, INTEGERS),
    ("Unsqueeze", "1 0", INTEGERS, INTEGERS[None]),
    ("Tile", "1 1 2 1", INTEGERS, np.tile(INTEGERS, (1, 1, 2, 1))),
]


@pytest.mark.parametrize(("kind", "params", "x", "expected"), SHAPES)
def test_shapes(kind: str, params: str, x: Array, expected: Array):
    (y,) = run_layer(kind, params, x)
    np.testing.assert_array_equal(y, expected, strict=True)


CUTS = [
    ("StridedSliceV2", "1 1 1 3 1 2 1 1", X[:, :, 1:3]),
    ("StridedSliceV2", f"2 1 0 2 {INT_MAX} 3 2 1 3 2 1 2", X[:, 1:, :, :3:2]),
    ("StridedSliceV2", "2 -2 -4 2 99 -1 2 2 3 2 1 1", X[:, :, -2:, -4:-1]),
    ("StridedSliceV2", "1 0 1 5 1 3 1 3", X[..., 0:5:3]),
    ("StridedSliceV2", "0 0 0 0", X),
    ("StridedSlice", "4 0 1 0 0 4 0 0 2 4 4 1 1 1 2", X[:, 1:, :2, :4:2]),
    ("PixelShuffle", "2", None),
    ("ShuffleChannel", "3", None),
]
IMAGE = some(2, 12, 3, 4)
SHUFFLED = {
    "PixelShuffle": torch.pixel_shuffle(torch.tensor(IMAGE), 2).numpy(),
    "ShuffleChannel": IMAGE.reshape(2, 3, 4, 3, 4).transpose(0, 2, 1, 3, 4).reshape(2, 12, 3, 4),
}


@pytest.mark.parametrize(("kind", "params", "expected"), CUTS)
def test_cuts(kind: str, params: str, expected: Array | None):
    (y,) = run_layer(kind, params, X if expected is not None else IMAGE)
    np.testing.assert_array_equal(y, SHUFFLED[kind] if expected is None else expected)


def pads(*amounts: tuple[int, int]) -> list[tuple[int, int]]:
    return [(0, 0)] * (4 - len(amounts)) + list(amounts)


PADS = [
    ("Pad", "0 0 1 2 3 4 0 0 0 1.5", np.pad(X, pads((1, 2), (3, 4)), constant_values=1.5)),
    ("Pad", "0 0 1 2 3 4 1 2", np.pad(X, pads((1, 2), (1, 2), (3, 4)))),
    ("Pad", "0 0 1 2 3 4 0 0 1 0", np.pad(X, pads((1, 2), (3, 4)), "reflect")),
    ("Pad", "0 0 3 0 0 0 0 0 1 0", np.pad(X, pads((3, 0), (0, 0)), "reflect")),
    ("PadV2", "4 0 1 2 0 0 0 0 3 0 2.5",
     np.pad(X, pads((1, 0), (2, 0), (0, 3)), constant_values=2.5)),
    ("PadV2", "4 0 1 0 0 0 0 0 0", np.pad(X, pads((1, 0), (0, 0), (0, 0)))),
    ("PadV2", "4 0 0 2 3 0 0 1 1 1 0", np.pad(X, pads((2, 1), (3, 1)), "reflect")),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "params", "expected"), PADS)
def test_pads(kind: str, params: str, expected: Array):
    np.testing.assert_array_equal(run_layer(kind, params, X)[0], expected)


def test_concat():
    x = NUMBERS
    for axis in (0, 1, 3, -2):
        (y,) = run_layer("Concat", str(axis), x, x, constants=[x])
        np.testing.assert_array_equal(y, np.concatenate([x, x, x], axis), strict=True)
    (y,) = run_layer("Concat", "", x[:, :1], x)
    np.testing.assert_array_equal(y, np.concatenate([x[:, :1], x], 1))


def test_split():
    x = NUMBERS
    first, second = run_layer("SplitV", "2 2 1 3", x, outputs=2)
    np.testing.assert_array_equal(first, x[:, :, :1], strict=True)
    np.testing.assert_array_equal(second, x[:, :, 1:], strict=True)
    parts = run_layer("SplitV", "-1 0", x, outputs=5)
    assert [part.tolist() for part in parts] == [x[..., i : i + 1].tolist() for i in range(5)]


def indices(*numbers: int) -> Array:
    return np.array(numbers, np.int32)


GATHERS = [
    ("1 0 1", indices(2, 0, 2), NUMBERS[:, [2, 0, 2]]),
    ("-1 0 1", indices(-1, 1), NUMBERS[..., [-1, 1]]),
    ("0 0 1", np.array(1, np.int32), NUMBERS[1]),
    ("2 0 1", indices(0, 1, 2, 3).reshape(2, 2), NUMBERS[:, :, [[0, 1], [2, 3]]]),
    ("", indices(1), NUMBERS[[1]]),
]


@pytest.mark.parametrize(("params", "places", "expected"), GATHERS)
def test_gather(params: str, places: Array, expected: Array):
    (y,) = run_layer("Gather", params, NUMBERS, weights={"indices": places})
    np.testing.assert_array_equal(y, expected, strict=True)


def test_gather_from_blobs():
    data, places = some(4, 3), indices(3, 0, 0)
    expected = data[places]
    (y,) = run_layer("Gather", "0 1 0", places, weights={"data": data})
    np.testing.assert_array_equal(y, expected, strict=True)
    (y,) = run_layer("Gather", "0 0 0", data, places)
    np.testing.assert_array_equal(y, expected, strict=True)


REFUSED = [
    ("Reshape", "0 2 2 7 20 0", X, r"\[2, 3, 4, 5\] does not become \[7, 20\]"),
    ("Reshape", "0 2 2 -1 -1 0", X, "does not become"),
    ("Reshape", "0 2 2 -1 7 0", X, "invalid for input of size 120"),
    ("Reshape", "0 5 5 2 3 4 5 0 0", X, "a side of 0 at axis 4"),
    ("Reshape", "0 2 2 6 20 1", X, "reshape_type 1"),
    ("Reshape", "0 3 2 6 20 0", X, "expected axis, num_axes = rank, rank and sides"),
    ("Reshape", "0 0 0 0", X, "expected axis, num_axes = rank, rank and sides"),
    ("Reshape", "0 2 9 6 20", X, "expected 9 more parameters, got 2"),
    ("Reshape", "0 2 -2 6 20", X, "expected -2 more parameters"),
    ("Flatten", "-1", X, "expected an axis from 0 to 4, got -1"),
    ("Permute", "4 0 1 2 2", X, "expected an order of 4 axes"),
    ("Permute", "5 0 1 2 3 4", X, "expected an order of 4 axes"),
    ("Squeeze", "1 1", X, r"axis 1 of \[2, 3, 4, 5\] can't go"),
    ("Squeeze", "1 4", X, "can't go"),
    ("Unsqueeze", "1 6", X, "does not run"),
    ("Expand", "2 4 7", CUBE, r"does not run on \[3, 4, 5\]"),
    ("Expand", "4 -1 3 4 5", CUBE, "does not become"),
    ("Expand", "3 0 4 5", CUBE, "does not become"),
    ("Tile", "1 0", X, "expected repeats from 1"),
    ("Cast", "1", X, r"expected 0 \(float32\) or 3 \(int32\), got 1"),
    ("StridedSliceV2", "1 1 1 1 1 2 1 1", X, "nothing at 1:1:1 of axis 2"),
    ("StridedSliceV2", "1 4 1 9 1 2 1 1", X, "nothing at 4:4:1 of axis 2"),
    ("StridedSliceV2", "1 -9 1 9 1 2 1 1", X, "nothing at -5:4:1 of axis 2"),
    ("StridedSliceV2", "1 0 2 9 9 2 1 2 2 1 1", X, "expected four lists of one length"),
    ("StridedSliceV2", "2 0 0 2 2 2 2 2 1 2 1 1", X, "expected the axes in order, each once"),
    ("StridedSliceV2", "1 0 1 2 1 4 1 1", X, "expected an axis of 4, got 4"),
    ("StridedSlice", "1 0 1 2 1 1", X, "expected three lists of 4"),
    ("StridedSlice", "4 0 0 0 0 4 9 0 0 0 4 1 1 1 1", X, r"ends up to \[2, 3, 4, 5\], got"),
    ("StridedSlice", "4 0 0 0 0 4 0 0 0 0 4 1 1 1 0", X, "nothing at 0:5:0 of axis 3"),
    ("PixelShuffle", "2", X, "does not run"),
    ("ShuffleChannel", "2", X, "does not run"),
    ("Concat", "4", X, "expected an axis of 4, got 4"),
    ("SplitV", "2 2 1 2", X, r"4 does not become 2 parts of \[1, 2\]"),
    ("SplitV", "3 0", X, r"5 does not become 2 parts of \[\]"),
    ("SplitV", "2 1 4", X, r"4 does not become 2 parts of \[4\]"),
    ("Pad", "0 0 1 1 1 1 0 0 2 0", X, "expected type 0 or 1 and pads from 0, got 2"),
    ("Pad", "0 0 -1 1 1 1 0 0 0 0", X, "expected type 0 or 1 and pads from 0"),
    ("Pad", "0 0 1 1 1 1 1 0 1 0", X, "reflected channels"),
    ("Pad", "0 0 4 1 1 1 0 0 1 0", X, "expected pads below 4 on axis 2, got 4 and 1"),
    ("Pad", "0 0 1 1", X, "expected 8 more parameters, got 4"),
    ("Pad", "0 0 1 1 1 1 0 0", CUBE, r"expected an input \[N, C, H, W\]"),
    ("PadV2", "3 0 0 0 0 0 0", X, "expected pads for the 2 to 5 axes"),
    ("PadV2", "1 0 0", X[0, 0, 0], "expected pads for the 2 to 5 axes"),
]


@pytest.mark.parametrize(("kind", "params", "x", "message"), REFUSED)
def test_what_tnn_does_not_compute_is_refused(kind: str, params: str, x: Array, message: str):
    more = {"Concat": [x]}.get(kind, [])
    with pytest.raises(ConversionError, match=message):
        run_layer(kind, params, x, *more, outputs=2 if kind == "SplitV" else 1)


ODD_GATHERS = [
    ("0 0 1", {"indices": np.array([0], np.int64)}, "expected indices of int32, got torch.int64"),
    ("0 0 1", {"indices": indices(2)}, "an index lies outside the 2 of axis 0"),
    ("0 0 1", {"indices": indices(-3)}, "an index lies outside"),
    ("4 0 1", {"indices": indices(0)}, "expected an axis of 4, got 4"),
    ("0 0 1", {"data": NUMBERS}, r"expected indices in the .tnnmodel"),
    ("0 1 0", {"data": NUMBERS}, "expected indices of int32, got torch.float32"),
    ("0 1 1", {"data": NUMBERS, "indices": indices(0)}, "expected a blob for what is in no"),
    ("0 0 0", None, "expected a blob for what is in no resource, got 1"),
]


@pytest.mark.parametrize(("params", "weights", "message"), ODD_GATHERS)
def test_odd_indices_are_refused(params: str, weights, message: str):
    with pytest.raises(ConversionError, match=message):
        run_layer("Gather", params, NUMBERS, weights=weights)


def test_different_blobs_are_not_joined():
    for other in (INTEGERS, CUBE, X[:, :, :2]):
        with pytest.raises(ConversionError, match="does not run on"):
            run_layer("Concat", "1", X, other)

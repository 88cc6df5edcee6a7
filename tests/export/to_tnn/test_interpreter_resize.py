"""Upsample: which pixels of the input the output is made of."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from export.errors import ConversionError
from tests.export.to_tnn.one_layer import assert_close, run_layer, some

NEAREST, LINEAR, CUBIC = 1, 2, 3

# height, width -> height, width
SIZES = [
    ((6, 5), (12, 10)),
    ((6, 5), (7, 13)),
    ((6, 5), (3, 2)),
    ((6, 5), (4, 11)),
    ((6, 5), (6, 10)),
    ((1, 1), (4, 3)),
    ((1, 7), (3, 3)),
    ((9, 4), (2, 4)),
]


@pytest.mark.parametrize(("size", "out"), SIZES)
def test_nearest_is_the_pixel_in_front(size: tuple[int, int], out: tuple[int, int]):
    x = some(2, 3, *size)
    rows, columns = (np.arange(n) * side // n for n, side in zip(out, size, strict=True))
    (y,) = run_layer("Upsample", f"1 0 0 0 {out[0]} {out[1]}", x)
    np.testing.assert_array_equal(y, x[:, :, rows][..., columns])


@pytest.mark.parametrize("corners", [0, 1])
@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
@pytest.mark.parametrize(("size", "out"), SIZES)
def test_interpolation(size: tuple[int, int], out: tuple[int, int], mode: str, corners: int):
    x = some(2, 3, *size)
    number = {"bilinear": LINEAR, "bicubic": CUBIC}[mode]
    (y,) = run_layer("Upsample", f"{number} 0 0 {corners} {out[0]} {out[1]}", x)
    expected = functional.interpolate(torch.tensor(x), out, mode=mode, align_corners=corners == 1)
    np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("mode", "expected"), [(NEAREST, 1), (LINEAR, 1), (CUBIC, 0.625)])
def test_a_single_row_is_made_of_the_first(mode: int, expected: float):
    """Where other frameworks take the middle."""
    x = np.array([1, 5, 9, 2], np.float32).reshape(1, 1, 4, 1)
    (y,) = run_layer("Upsample", f"{mode} 0 0 0 1 1", x)
    assert y.item() == pytest.approx(expected)


SCALES = [
    ("1 2 2", (12, 10)),
    ("1 2.0 3.0 0", (12, 15)),
    ("2 0.5 0.5", (3, 3)),  # 2.5 is rounded away from 0
    ("2 1.4 1.3 1", (8, 7)),
    ("1 2 2 0 7", (12, 10)),  # half a size is none
    ("1 5 5 0 3 4", (3, 4)),
]


@pytest.mark.parametrize(("params", "out"), SCALES)
def test_sizes_from_scales(params: str, out: tuple[int, int]):
    assert run_layer("Upsample", params, some(1, 2, 6, 5))[0].shape == (1, 2, *out)


# A negative align_corners is 0 where scales enlarge both sides, else 1.
CORNERS = [("2 2 2 -1", 0, (12, 10)), ("2 2 0.8 -1", 1, (12, 4)), ("2 2 2 -1 9 8", 1, (9, 8))]


@pytest.mark.parametrize(("params", "corners", "out"), CORNERS)
def test_corners_that_tnn_chooses(params: str, corners: int, out: tuple[int, int]):
    x = some(1, 2, 6, 5)
    chosen = run_layer("Upsample", params, x)[0]
    assert_close(chosen, run_layer("Upsample", f"2 0 0 {corners} {out[0]} {out[1]}", x)[0])


X = some(1, 2, 6, 5)
REFUSED = [
    ("0 2 2 0", X, "expected mode 1, 2 or 3 and sizes from 1, got 0"),
    ("1 0 0 0", X, r"expected mode 1, 2 or 3 and sizes from 1, got 1 and \(0, 0\)"),
    ("1 0 0 0 4 -1", X, "sizes from 1"),
    ("1 2", X, "expected more parameters than 2"),
    ("1 2 2 0", X[0], r"expected an input \[N, C, H, W\], got \[2, 6, 5\]"),
]


@pytest.mark.parametrize(("params", "x", "message"), REFUSED)
def test_what_tnn_does_not_compute_is_refused(params: str, x: np.ndarray, message: str):
    with pytest.raises(ConversionError, match=message):
        run_layer("Upsample", params, x)


def test_scales_from_a_blob_are_refused():
    with pytest.raises(ConversionError, match="write them as parameters"):
        run_layer("Upsample", "1 2 2 0", X, constants=[np.array([1, 1, 2, 2], np.float32)])

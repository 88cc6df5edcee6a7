"""Layers that look through windows: convolutions and pooling."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from export.errors import ConversionError
from tests.export.to_tnn.one_layer import assert_close, run_layer, some

# group, in/group, out, kernel, stride, pad, dilation
CONVOLUTIONS = [
    (1, 3, 4, (3, 3), (1, 1), (1, 1), (1, 1)),
    (1, 3, 4, (1, 1), (1, 1), (0, 0), (1, 1)),
    (1, 3, 4, (5, 2), (2, 3), (2, 0), (1, 1)),
    (3, 1, 6, (3, 3), (2, 2), (1, 1), (1, 1)),
    (1, 3, 2, (3, 3), (1, 2), (2, 3), (2, 2)),
]


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("case", CONVOLUTIONS)
def test_convolution(case, bias: bool):
    group, inside, out, kernel, stride, pad, dilation = case
    x, weight, shift = some(2, group * inside, 9, 7), some(out, inside, *kernel), some(out, seed=1)
    numbers = (group, inside, out, *kernel, *stride, *pad, int(bias), -1, *dilation, 0)
    weights = {"weight": weight, "bias": shift} if bias else {"weight": weight}
    (y,) = run_layer("Convolution", " ".join(map(str, numbers)), x, weights=weights)
    tensors = torch.tensor(x), torch.tensor(weight), torch.tensor(shift) if bias else None
    assert_close(y, functional.conv2d(*tensors, stride, pad, dilation, group))


ONE = {"weight": np.ones((1, 1, 3, 3), np.float32)}
ROW = np.arange(1, 8, dtype=np.float32).reshape(1, 1, 1, 7)


def sums(params: str, x: np.ndarray, kernel: tuple[int, int]) -> list[float]:
    """Of windows of a single row."""
    weights = {"weight": np.ones((1, 1, *kernel), np.float32)}
    (y,) = run_layer("Convolution", params, x, weights=weights)
    return y.reshape(-1).tolist()


PADDED = [
    # SAME: what is odd goes behind; 7 -> 4, one pixel in front and one behind
    ("1 1 1 1 3 1 2 0 0 0 0", (1, 3), [3, 9, 15, 13]),
    ("1 1 1 1 2 1 2 0 0 0 0", (1, 2), [3, 7, 11, 7]),
    ("1 1 1 1 4 1 2 0 0 0 0", (1, 4), [6, 14, 22, 13]),
    # whatever the pads say
    ("1 1 1 1 3 1 2 5 5 0 0", (1, 3), [3, 9, 15, 13]),
    # a kernel shorter than the stride: half of what is left over goes in front
    ("1 1 1 1 1 1 4 0 0 0 0", (1, 1), [2, 6]),
    # VALID
    ("1 1 1 1 3 1 2 0 0 0 1", (1, 3), [6, 12, 18]),
    ("1 1 1 1 2 1 5 0 0 0 1", (1, 2), [3, 13]),
    # pad_type is 0 where the line ends before it, dilation 1 and activation 0
    ("1 1 1 1 3 1 1 0 0 0", (1, 3), [3, 6, 9, 12, 15, 18, 13]),
]


@pytest.mark.parametrize(("params", "kernel", "expected"), PADDED)
def test_pads_that_tnn_computes(params: str, kernel: tuple[int, int], expected: list[float]):
    assert sums(params, ROW, kernel) == expected


def test_valid_leaves_over_on_both_sides():
    x = np.arange(1, 9, dtype=np.float32).reshape(1, 1, 1, 8)
    assert sums("1 1 1 1 3 1 4 0 0 0 1", x, (1, 3)) == [6, 18]
    assert sums("1 1 1 1 1 1 5 0 0 0 1", x, (1, 1)) == [2, 7]  # 1 and 6 would be without pads


ACTIVATIONS = [
    (0, lambda x: x),
    (1, lambda x: np.maximum(x, 0)),
    (2, lambda x: np.clip(x, 0, 6)),
    (256, lambda x: x / (1 + np.exp(-x))),
]


@pytest.mark.parametrize("kind", ["Convolution", "Deconvolution"])
@pytest.mark.parametrize(("number", "function"), ACTIVATIONS)
def test_activations(kind: str, number: int, function):
    x = 8 * some(1, 1, 3, 4)
    weights = {"weight": np.ones((1, 1, 1, 1), np.float32), "bias": np.ones(1, np.float32)}
    (y,) = run_layer(kind, f"1 1 1 1 1 1 1 0 0 1 -1 1 1 {number}", x, weights=weights)
    assert_close(y, function(x + 1))


def test_half_precision_weights_are_widened():
    weights = {"weight": some(2, 3, 3, 3).astype(np.float16)}
    x = some(1, 3, 5, 5)
    (y,) = run_layer("Convolution", "1 3 2 3 3 1 1 1 1 0 -1", x, weights=weights)
    wide = torch.tensor(weights["weight"]).float()
    assert_close(y, functional.conv2d(torch.tensor(x), wide, padding=1))


# group, in, out, kernel, stride, pad, dilation
TRANSPOSED = [
    (1, 3, 4, (2, 2), (2, 2), (0, 0), (1, 1)),
    (1, 3, 4, (3, 3), (2, 2), (1, 1), (1, 1)),
    (1, 3, 4, (4, 3), (2, 1), (1, 2), (1, 1)),
    (2, 4, 6, (3, 3), (3, 2), (0, 1), (1, 1)),
    (1, 2, 3, (3, 3), (1, 1), (2, 1), (2, 3)),
    (1, 2, 3, (2, 2), (3, 3), (0, 0), (1, 1)),
]


@pytest.mark.parametrize("case", TRANSPOSED)
def test_deconvolution(case):
    group, inside, out, kernel, stride, pad, dilation = case
    x, weight, bias = some(2, inside, 4, 5), some(inside, out // group, *kernel), some(out, seed=1)
    numbers = (group, inside, out, *kernel, *stride, *pad, 1, -1, *dilation, 0)
    weights = {"weight": weight, "bias": bias}
    (y,) = run_layer("Deconvolution", " ".join(map(str, numbers)), x, weights=weights)
    expected = functional.conv_transpose2d(
        torch.tensor(x), torch.tensor(weight), torch.tensor(bias), stride, pad, 0, group, dilation
    )
    assert_close(y, expected)


# pad_type, kernel, stride -> what 1 10 100 becomes under a kernel of ones, with a bias of 1000
CROPPED = [
    (0, 3, 2, [1001, 1001, 1011, 1010, 1110, 1100]),
    (0, 4, 2, [1001, 1011, 1011, 1110, 1110, 1100]),
    (0, 1, 2, [1001, 1000, 1010, 1000, 1100, 1000]),
    (1, 3, 2, [1001, 1001, 1011, 1010, 1110, 1100, 1100]),
    (1, 1, 2, [1001, 1000, 1010, 1000, 1100, 1000]),
    (2, 3, 2, [1011, 1010, 1110]),
    (3, 3, 2, [1001, 1011, 1010, 1110, 1100, 1100]),
]


@pytest.mark.parametrize(("pad_type", "kernel", "stride", "expected"), CROPPED)
def test_sides_of_a_deconvolution(pad_type: int, kernel: int, stride: int, expected: list[float]):
    x = np.array([1, 10, 100], np.float32).reshape(1, 1, 1, 3)
    weights = {"weight": np.ones((1, 1, 1, kernel), np.float32)}
    weights["bias"] = np.full(1, 1000, np.float32)
    params = f"1 1 1 1 {kernel} 1 {stride} 0 0 1 {pad_type}"
    (y,) = run_layer("Deconvolution", params, x, weights=weights)
    assert y.reshape(-1).tolist() == expected


# kernel, stride, pad, ceil_mode
POOLS = [
    ((2, 2), (2, 2), (0, 0), 0),
    ((3, 3), (2, 2), (1, 1), 0),
    ((3, 2), (1, 2), (0, 1), 0),
    ((3, 3), (2, 2), (0, 0), 1),
    ((8, 8), (8, 8), (0, 0), 0),
    ((1, 1), (3, 2), (0, 0), 0),
]


@pytest.mark.parametrize("case", POOLS)
def test_pooling(case):
    kernel, stride, pad, ceil = case
    x = some(2, 3, 9, 12)
    numbers = " ".join(map(str, (*kernel, *stride, *pad, -1, -1, -1, ceil)))
    (largest,) = run_layer("Pooling", f"0 {numbers}", x)
    (mean,) = run_layer("Pooling", f"1 {numbers}", x)
    args = torch.tensor(x), kernel, stride, pad
    assert_close(largest, functional.max_pool2d(*args, ceil_mode=bool(ceil)))
    assert_close(mean, functional.avg_pool2d(*args, bool(ceil), count_include_pad=False))


POOLED_ROWS = [
    ("0 0 0 1 1 0 0 -1 -1 -1 0", [7]),  # global
    ("1 0 0 1 1 0 0 -1 -1 -1 0", [4]),
    ("1 1 0 1 1 0 0 -1 -1 -1 0", [4]),
    ("1 1 3 1 2 0 1 -1 -1 -1 0", [1.5, 3, 5, 6.5]),  # padding does not count
    ("1 1 3 1 2 0 0 -1 -1 0 0", [1.5, 3, 5, 6.5]),  # SAME
    ("1 1 2 1 2 0 0 -1 -1 0 0", [1.5, 3.5, 5.5, 7]),
    ("1 1 3 1 3 0 0 -1 -1 1 0", [2, 5]),  # VALID
    ("1 1 2 1 3 0 0 -1 -1 -1 1", [1.5, 4.5, 7]),  # up
    ("1 1 2 1 2", [1.5, 3.5, 5.5, 7]),  # where the line ends, pad_type is 0
    ("1 9 9 1 1 0 0 2 3 -1 0", [4]),  # the kernel is axes 2 and 3 of the input
    ("1 1 9 1 1 0 0 2 -1 -1 0", [1, 2, 3, 4, 5, 6, 7]),
]


@pytest.mark.parametrize(("params", "expected"), POOLED_ROWS)
def test_pooling_of_a_row(params: str, expected: list[float]):
    (y,) = run_layer("Pooling", params, ROW)
    assert y.reshape(-1).tolist() == pytest.approx(expected)


IMAGE, WIDE = some(1, 1, 4, 4), some(1, 1, 10, 10)
REFUSED = [
    ("Convolution", "1 1 1 3 3 1 1 1 2 0 -1 1 2 0", IMAGE, "NAIVE takes one dilation"),
    ("Convolution", "1 1 1 3 3 1 1 0 0 0 -1 1 1 3", IMAGE, "an activation of 0, 1, 2 or 256"),
    ("Convolution", "1 1 1 3 3 1 1 -1 0 0 -1", IMAGE, "expected pads from 0"),
    ("Convolution", "1 1 1 3 3 1 0 0 0 0 -1", IMAGE, "stride and dilation of at least 1"),
    ("Convolution", "0 1 1 3 3 1 1 0 0 0 -1", IMAGE, "group, channels, kernel"),
    ("Convolution", "1 1 1 3 3 1 1 0 0 0 2", IMAGE, "expected a pad_type of -1, 0 or 1, got 2"),
    ("Convolution", "1 1 1 3 3 1 1 0 0 1 -1", IMAGE, r"expected a bias in the .tnnmodel"),
    ("Convolution", "1 1 2 3 3 1 1 0 0 0 -1", IMAGE, r"a weight for \[2, 1, 3, 3\], got one for"),
    ("Convolution", "1 1 1 3 3 1 1 0 0 0 -1", some(1, 1, 2, 2), "expected an output, got a side"),
    ("Convolution", "1 1 1 3 3 1 1 0 0 0 -1", some(1, 4, 4), r"expected an input \[N, C, H, W\]"),
    ("Convolution", "1 1 x 3 3 1 1 0 0 0 -1", IMAGE, "a whole number as parameter 3, got 'x'"),
    ("Deconvolution", "1 1 1 3 3 2 2 0 0 0 -1 2 2 0", IMAGE, "NAIVE skips samples"),
    ("Deconvolution", "1 1 1 3 3 2 2 0 0 0 4", IMAGE, "a pad_type from -1 to 3, got 4"),
    ("Deconvolution", "1 1 1 3 3 2 2 9 0 0 -1", IMAGE, "expected an output, got a side of -9"),
    ("Pooling", "1 0 0 1 1 0 0 -1 -1 -1 0 1 2 2", IMAGE, "is_adaptive=1 gives wrong results"),
    ("Pooling", "2 2 2 1 1 0 0 -1 -1 -1 0", IMAGE, "expected type 0 or 1"),
    ("Pooling", "0 2 2 0 1 0 0 -1 -1 -1 0", IMAGE, "kernel and stride of at least 1"),
    ("Pooling", "0 5 5 1 1 0 0 -1 -1 -1 0", IMAGE, "expected an output, got a side of 0"),
    ("Pooling", "0 1 1 4 4 0 0 -1 -1 -1 1", IMAGE, "a window lies in the padding"),
    ("Pooling", "0 1 1 1 1 1 1 -1 -1 -1 0", IMAGE, "a window lies in the padding"),
    ("Pooling", "0 5 5 6 6 2 2 -1 -1 -1 0", WIDE, r"TNN finds no size for \[10, 10\]"),
    ("Pooling", "0 2 2 2 2 0 0 -1 -1 3 0", IMAGE, "expected a pad_type of -1, 0 or 1, got 3"),
]


@pytest.mark.parametrize(("kind", "params", "x", "message"), REFUSED)
def test_what_tnn_does_not_compute_is_refused(kind: str, params: str, x, message: str):
    with pytest.raises(ConversionError, match=message):
        run_layer(kind, params, x, weights=ONE if kind.endswith("volution") else None)

"""Layers that go element by element."""

import math

import numpy as np
import pytest

from export.errors import ConversionError
from tests.export.to_tnn.one_layer import assert_close, run_layer, some


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


ERF = np.vectorize(math.erf)

# name: function of NumPy in float64, smallest and largest number
UNARY = {
    "ReLU": (lambda x: np.maximum(x, 0), -9, 9),
    "Relu": (lambda x: np.maximum(x, 0), -9, 9),
    "ReLU6": (lambda x: np.clip(x, 0, 6), -9, 9),
    "Relu6": (lambda x: np.clip(x, 0, 6), -9, 9),
    "Sigmoid": (sigmoid, -9, 9),
    "Tanh": (np.tanh, -9, 9),
    "GELU": (lambda x: 0.5 * x * (1 + ERF(x / math.sqrt(2))), -4, 4),
    "Swish": (lambda x: x * sigmoid(x), -9, 9),
    "Softplus": (lambda x: np.log1p(np.exp(x)), -9, 9),
    "LogSigmoid": (lambda x: np.log(sigmoid(x)), -9, 9),
    "Exp": (np.exp, -9, 9),
    "Log": (np.log, 0.01, 9),
    "Sqrt": (np.sqrt, 0, 9),
    "Rsqrt": (lambda x: 1 / np.sqrt(x), 0.01, 9),
    "Reciprocal": (lambda x: 1 / x, 0.01, 9),
    "Abs": (np.abs, -9, 9),
    "Neg": (np.negative, -9, 9),
    "Sign": (np.sign, -9, 9),
    "Floor": (np.floor, -9, 9),
    "Ceil": (np.ceil, -9, 9),
    "Sin": (np.sin, -9, 9),
    "Cos": (np.cos, -9, 9),
    "Tan": (np.tan, -1, 1),
    "Asin": (np.arcsin, -1, 1),
    "Acos": (np.arccos, -1, 1),
    "Atan": (np.arctan, -9, 9),
}


@pytest.mark.parametrize("name", UNARY)
def test_unary(name: str):
    function, low, high = UNARY[name]
    x = np.linspace(low, high, 48, dtype=np.float32).reshape(1, 3, 4, 4)
    (y,) = run_layer(name, "", x)
    assert_close(y, function(x.astype(np.float64)))


def test_one_by_zero_is_zero():
    (y,) = run_layer("Reciprocal", "", np.array([[0, -4]], np.float32))
    assert y.tolist() == [[0, -0.25]]


SCALED = [
    ("Clip", "-1 0.5", [-1, -1, 0, 0.5, 0.5]),
    ("Clip", "-1", [-1, -1, 0, 0, 0]),  # what is absent is 0
    ("Clip", "", [0, 0, 0, 0, 0]),
    ("Clip", "-3.4028235e+38 1", [-4, -1, 0, 1, 1]),
    ("Power", "2 1 0", [16, 1, 0, 1, 16]),
    ("Power", "", [-4, -1, 0, 1, 4]),
    ("Power", "3 2 1", [-343, -1, 1, 27, 729]),
    ("HardSigmoid", "0.25 0.5", [0, 0.25, 0.5, 0.75, 1]),
    ("HardSigmoid", "", [0, 0, 0, 1, 1]),
    ("HardSwish", "0.25 0.5", [0, -0.25, 0, 0.75, 4]),
    ("HardSwish", "", [0, 0, 0, 1, 4]),
    ("Elu", "2", [2 * math.expm1(-4), 2 * math.expm1(-1), 0, 1, 4]),
    ("Elu", "", [math.expm1(-4), math.expm1(-1), 0, 1, 4]),
    ("Selu", "2 3", [6 * math.expm1(-4), 6 * math.expm1(-1), 0, 3, 12]),
]


@pytest.mark.parametrize(("name", "params", "expected"), SCALED)
def test_parameters(name: str, params: str, expected: list[float]):
    x = np.array([-4, -1, 0, 1, 4], np.float32).reshape(1, 5)
    (y,) = run_layer(name, params, x)
    assert_close(y, np.array([expected]))


BINARY = {
    "Add": np.add,
    "Sub": np.subtract,
    "Mul": np.multiply,
    "Div": np.divide,
    "Maximum": np.maximum,
    "Minimum": np.minimum,
}
SHAPES = [
    ((2, 3, 4, 5), (2, 3, 4, 5)),
    ((2, 3, 4, 5), (1, 3, 1, 1)),
    ((2, 3, 4, 5), (1, 1, 4, 5)),
    ((1, 3, 4, 1), (1, 3, 1, 5)),
    ((2, 3, 4, 5), (5,)),
    ((2, 3, 4, 5), (4, 1)),
    ((2, 7, 3), (1, 7, 1)),
    ((2, 7, 3), (1,)),
    ((2, 3, 1, 2, 3), (1, 1, 1)),
]


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("shapes", SHAPES)
def test_binary(name: str, shapes: tuple[tuple[int, ...], tuple[int, ...]]):
    a, b = some(*shapes[0]), some(*shapes[1], seed=1) + 3
    function = BINARY[name]
    assert_close(run_layer(name, "-1", a, b)[0], function(a, b))
    assert_close(run_layer(name, "-1", b, a)[0], function(b, a))
    assert_close(run_layer(name, "1", a, weights={"element": b})[0], function(a, b))
    assert_close(run_layer(name, "0", a, weights={"element": b})[0], function(b, a))


def test_an_operand_in_the_constants_or_of_half_precision():
    a, b = some(2, 3, 4), some(1, 3, 1, seed=1)
    assert_close(run_layer("Sub", "-1", a, constants=[b])[0], a - b)
    half = b.astype(np.float16)
    assert_close(run_layer("Sub", "1", a, weights={"element": half})[0], a - half)
    # without a parameter the element is on the right
    assert_close(run_layer("Sub", "", a, weights={"element": b})[0], a - b)


def test_hard_swish_of_two():
    a, b = some(2, 3, 4, 5), some(2, 3, 1, 1, seed=1)
    expected = a * np.clip(0.25 * b + 0.5, 0, 1)
    assert_close(run_layer("HardSwish", "0.25 0.5", a, b)[0], expected)


def test_prelu():
    x = some(2, 3, 4, 5)
    slope = np.array([0.1, -2, 3], np.float32)
    wide = slope.reshape(3, 1, 1)
    assert_close(
        run_layer("PReLU", "0 0", x, weights={"slope": slope})[0], np.where(x < 0, wide * x, x)
    )
    assert_close(
        run_layer("PReLU", "1 0", x, weights={"slope": slope[:1]})[0],
        np.where(x < 0, slope[0] * x, x),
    )


X, CUBE = some(1, 2, 3, 4), some(1, 2, 3)
REFUSED = [
    ("Add", "2", [X], {"element": CUBE}, "one and an element at 0 or 1, got index 2"),
    ("Add", "-1", [X], {"element": CUBE}, "one and an element at 0 or 1, got index -1"),
    ("Add", "-1", [X], None, "expected two blobs, or one and an element"),
    ("Add", "1", [X, X], {"element": X}, "expected two blobs, or one and an element"),
    ("Add", "1", [CUBE], {"element": X}, r"an element of 1 to 3 axes, got \[1, 2, 3, 4\]"),
    ("Add", "1", [X], {"element": np.array(1, np.float32)}, "without axes it counts as one number"),
    ("Add", "-1", [X, some(1, 5)], None, r"does not run on \[1, 2, 3, 4\], \[1, 5\] with"),
    ("Add", "one", [X, X], None, "expected a whole number as parameter 1, got 'one'"),
    ("Add", "-1", [X, X.astype(np.int32)], None, "got torch.int32 in 'x1'"),
    ("Clip", "0 six", [X], None, "expected a number as parameter 2, got 'six'"),
    ("Clip", "", [X.astype(np.int32)], None, "got torch.int32 in 'x0'"),
    ("HardSigmoid", "-1 0", [X], None, "expected an alpha above 0"),
    ("HardSwish", "1 0", [X, CUBE], None, "expected blobs of as many axes, up to 4, got 4, 3"),
    ("HardSwish", "1 0", [some(1, 2, 1, 1, 2)], None, "expected blobs of as many axes, up to 4"),
    ("Selu", "1", [X], None, "expected more parameters than 1"),
    ("PReLU", "0 0", [X], {"slope": some(3)}, r"a slope for \[2\], got one for \[3\]"),
    ("PReLU", "0 0", [some(3)], {"slope": some(3)}, r"expected an input \[N, C, …\], got \[3\]"),
]


@pytest.mark.parametrize(("kind", "params", "inputs", "weights", "message"), REFUSED)
def test_what_tnn_does_not_compute_is_refused(kind, params, inputs, weights, message):
    with pytest.raises(ConversionError, match=message):
        run_layer(kind, params, *inputs, weights=weights)

"""MatMul and InnerProduct."""

import numpy as np
import pytest

from export.errors import ConversionError
from tests.export.to_tnn.one_layer import assert_close, run_layer, some

SHAPES = [
    ((3, 4), (4, 5)),
    ((2, 3, 4), (4, 5)),
    ((2, 6, 3, 4), (4, 5)),
    ((3, 4), (2, 4, 5)),
    ((2, 3, 4), (2, 4, 5)),
    ((2, 6, 3, 4), (2, 6, 4, 5)),
    ((1, 3, 4), (2, 6, 4, 5)),
    ((2, 6, 3, 4), (1, 1, 4, 5)),
    ((1, 2, 3, 4), (2, 4, 5)),
    ((4,), (4, 5)),
    ((3, 4), (4,)),
    ((2, 3, 4), (4,)),
]


@pytest.mark.parametrize(("left", "right"), SHAPES)
def test_matmul(left: tuple[int, ...], right: tuple[int, ...]):
    a, b = some(*left), some(*right, seed=1)
    expected = np.matmul(a.astype(np.float64), b)
    assert_close(run_layer("MatMul", "-1", a, b)[0], expected)
    assert_close(run_layer("MatMul", "", a, constants=[b])[0], expected)
    assert_close(run_layer("MatMul", "1", a, weights={"weight": b})[0], expected)
    assert_close(run_layer("MatMul", "0", b, weights={"weight": a})[0], expected)


def test_the_position_of_a_weight_does_not_count_between_two_blobs():
    a, b = some(3, 4), some(4, 5, seed=1)
    assert_close(run_layer("MatMul", "0", a, b)[0], a @ b)


@pytest.mark.parametrize("shape", [(3, 8), (3, 2, 4), (3, 2, 2, 2)])
@pytest.mark.parametrize("bias", [True, False])
def test_inner_product_makes_rows(shape: tuple[int, ...], bias: bool):
    x, weight, shift = some(*shape), some(5, 8, seed=1), some(5, seed=2)
    weights = {"weight": weight, "bias": shift} if bias else {"weight": weight}
    (y,) = run_layer("InnerProduct", f"5 {int(bias)} 0 1", x, weights=weights)
    assert_close(y, x.reshape(3, 8).astype(np.float64) @ weight.T + (shift if bias else 0))


X = some(2, 3, 4)
REFUSED = [
    ("MatMul", "-1", [X], some(4, 5), "expected two blobs, or a weight at 0 or 1, got one at -1"),
    ("MatMul", "1", [X], None, "expected two blobs, or a weight at 0 or 1"),
    ("MatMul", "1", [X], some(5, 5), r"no product of \[2, 3, 4\] and \[5, 5\]"),
    ("MatMul", "1", [X], some(3), r"no product of \[2, 3, 4\] and \[3\]"),
    ("MatMul", "-1", [some(2, 1, 3, 4), some(1, 5, 4, 3)], None, "expected equal batches"),
    ("MatMul", "-1", [some(2, 5, 3, 4), some(1, 5, 4, 3)], None, "expected equal batches"),
    ("MatMul", "-1", [some(6, 3, 4), some(2, 3, 4, 3)], None, r"got \[6\] and \[2, 3\]"),
    ("InnerProduct", "5 0 0 2", [X], some(5, 4), "TNN computes it for axis 1 and transpose 0"),
    ("InnerProduct", "5 0 1 1", [X], some(5, 12), "got 1 and 1"),
    ("InnerProduct", "5 0 0", [X], some(5, 12), "expected 4 more parameters, got 3"),
    ("InnerProduct", "5 0 0 1", [X], some(5, 4), r"expected a weight for \[5, 12\]"),
    ("InnerProduct", "5 1 0 1", [X], some(5, 12), "expected a bias"),
    ("InnerProduct", "5 0 0 1", [some(4)], some(5, 4), r"expected an input \[N, C, …\]"),
]


@pytest.mark.parametrize(("kind", "params", "inputs", "weight", "message"), REFUSED)
def test_what_tnn_does_not_compute_is_refused(kind, params, inputs, weight, message):
    weights = None if weight is None else {"weight": weight}
    with pytest.raises(ConversionError, match=message):
        run_layer(kind, params, *inputs, weights=weights)

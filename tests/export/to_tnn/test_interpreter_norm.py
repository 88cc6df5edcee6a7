"""Normalisations, Softmax and reductions."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from export.errors import ConversionError
from tests.export.to_tnn.one_layer import assert_close, run_layer, some


def normal(x: np.ndarray, axes: tuple[int, ...], eps: float) -> np.ndarray:
    wide = x.astype(np.float64)
    spread = wide.var(axes, keepdims=True)
    return (wide - wide.mean(axes, keepdims=True)) / np.sqrt(spread + eps)


@pytest.mark.parametrize("word", ["Softmax", "SoftmaxCaffe"])
@pytest.mark.parametrize("axis", [1, 2, 3, -1, -3])
def test_softmax(word: str, axis: int):
    x = 3 * some(2, 3, 4, 5)
    shares = np.exp(x.astype(np.float64))
    expected = shares / shares.sum(axis, keepdims=True)
    assert_close(run_layer(word, str(axis), x)[0], expected)


def test_softmax_is_over_the_channels_without_a_parameter():
    assert run_layer("Softmax", "", some(1, 5, 2))[0].sum(1) == pytest.approx(1)


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("rank", [3, 4])
def test_layer_norm(axes: int, rank: int):
    x = some(2, 3, 4, 5)[:rank].reshape((2, 3, 4, 5) if rank == 4 else (6, 4, 5))
    if axes == rank:
        pytest.skip("nothing is left over")
    scale, bias = some(*x.shape[-axes:], seed=1), some(*x.shape[-axes:], seed=2)
    expected = normal(x, tuple(range(-axes, 0)), 1e-3) * scale + bias
    assert_close(run_layer("LayerNorm", f"{axes} 0.001", x, constants=[scale, bias])[0], expected)


def test_the_normalisations_have_an_eps_of_their_own():
    x, scale, bias = 1e-3 * some(1, 4, 6), np.ones(6, np.float32), np.zeros(6, np.float32)
    expected = normal(x, (2,), 1e-5)
    assert_close(run_layer("LayerNorm", "1", x, constants=[scale, bias])[0], expected)
    weights = {"scale": scale[:4], "bias": bias[:4]}
    assert_close(run_layer("InstBatchNormCxx", "", x, weights=weights)[0], expected)
    assert_close(run_layer("GroupNorm", "4", x, constants=[scale[:4], bias[:4]])[0], expected)


@pytest.mark.parametrize("group", [1, 2, 6])
def test_group_norm(group: int):
    x, scale, bias = some(2, 6, 4, 5), some(6, seed=1), some(6, seed=2)
    y = run_layer("GroupNorm", f"{group} 0.001", x, constants=[scale, bias])[0]
    tensors = torch.tensor(x), group, torch.tensor(scale), torch.tensor(bias)
    assert_close(y, functional.group_norm(*tensors, 1e-3))


def test_instance_norm():
    x, scale, bias = some(2, 3, 4, 5), some(3, seed=1), some(3, seed=2)
    y = run_layer("InstBatchNormCxx", "3 1e-05", x, weights={"scale": scale, "bias": bias})[0]
    wide = scale.reshape(3, 1, 1), bias.reshape(3, 1, 1)
    assert_close(y, normal(x, (2, 3), 1e-5) * wide[0] + wide[1])


@pytest.mark.parametrize("shape", [(2, 3, 4, 5), (2, 3), (2, 3, 4)])
def test_batch_norm(shape: tuple[int, ...]):
    x, scale, bias = some(*shape), some(3, seed=1), some(3, seed=2)
    wide = scale.reshape(3, *[1] * (len(shape) - 2)), bias.reshape(3, *[1] * (len(shape) - 2))
    y = run_layer("BatchNormCxx", "", x, weights={"scale": scale, "bias": bias})[0]
    assert_close(y, x * wide[0] + wide[1])
    assert_close(run_layer("BatchNormCxx", "", x, weights={"scale": scale})[0], x * wide[0])
    one = {"scale": scale[:1], "bias": bias[:1]}
    assert_close(run_layer("BatchNormCxx", "", x, weights=one)[0], x * scale[0] + bias[0])


REDUCTIONS = {
    "ReduceMean": np.mean,
    "ReduceSum": np.sum,
    "ReduceMax": np.max,
    "ReduceMin": np.min,
    "ReduceProd": np.prod,
    "ReduceL1": lambda x, axes, keepdims: np.abs(x).sum(axes, keepdims=keepdims),
    "ReduceL2": lambda x, axes, keepdims: np.sqrt((x * x).sum(axes, keepdims=keepdims)),
    "ReduceLogSum": lambda x, axes, keepdims: np.log(x.sum(axes, keepdims=keepdims)),
    "ReduceLogSumExp": lambda x, axes, keepdims: np.log(np.exp(x).sum(axes, keepdims=keepdims)),
    "ReduceSumSquare": lambda x, axes, keepdims: (x * x).sum(axes, keepdims=keepdims),
}
AXES = [("1", (1,)), ("2 3", (2, 3)), ("-1", (3,)), ("3 0", (0, 3)), ("", (0, 1, 2, 3))]


@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.parametrize(("axes", "meant"), AXES)
def test_reductions(name: str, axes: str, meant: tuple[int, ...]):
    x = np.abs(some(2, 3, 4, 5)) + 0.1
    function = REDUCTIONS[name]
    wide = x.astype(np.float64)
    assert_close(run_layer(name, f"1 {axes}", x)[0], function(wide, meant, keepdims=True))
    if 0 not in meant:
        assert_close(run_layer(name, f"0 {axes}", x)[0], function(wide, meant, keepdims=False))


@pytest.mark.parametrize(("mode", "function"), [(0, np.argmin), (1, np.argmax)])
def test_arguments_are_the_first_of_equals(mode: int, function):
    x = np.round(some(2, 3, 4, 5))
    (kept,) = run_layer("ArgMaxOrMin", f"{mode} 1 1 0", x)
    assert kept.dtype == np.int32
    np.testing.assert_array_equal(kept, function(x, 1)[:, None])
    (gone,) = run_layer("ArgMaxOrMin", f"{mode} -1 0", x)
    np.testing.assert_array_equal(gone, function(x, 3))


X, FOUR = some(2, 3, 4), np.ones(4, np.float32)
REFUSED = [
    ("Softmax", "0", [X], (), "ARM has no Softmax over axis 0"),
    ("Softmax", "-3", [X], (), "ARM has no Softmax over axis 0"),
    ("Softmax", "3", [X], (), "expected an axis of 3, got 3"),
    ("LayerNorm", "0", [X], (FOUR, FOUR), "expected scale and bias of the last 0 axes"),
    ("LayerNorm", "2", [X], (FOUR, FOUR), "expected scale and bias of the last 2 axes"),
    ("LayerNorm", "1", [X], (FOUR[:3], FOUR), r"got \[3\] and \[4\]"),
    ("LayerNorm", "1", [X], (FOUR, FOUR[:1]), r"got \[4\] and \[1\]"),
    ("LayerNorm", "4", [FOUR], (X[None], X[None]), "expected scale and bias of the last 4 axes"),
    ("GroupNorm", "2", [X], (FOUR[:3], FOUR[:3]), "expected groups of 3 channels"),
    ("GroupNorm", "", [X], (FOUR[:3], FOUR[:3]), "expected groups of 3 channels"),
    ("GroupNorm", "3", [X], (FOUR, FOUR), "scale and bias for each, got 3"),
    ("ReduceMean", "", [X], (), "expected more parameters than 0"),
    ("ReduceMean", "1 5", [X], (), "expected an axis of 3, got 5"),
    ("ArgMaxOrMin", "1 1 1 1", [X], (), "select_last_index=1"),
    ("ArgMaxOrMin", "1", [X], (), "expected more parameters than 1"),
]


@pytest.mark.parametrize(("kind", "params", "inputs", "constants", "message"), REFUSED)
def test_what_tnn_does_not_compute_is_refused(kind, params, inputs, constants, message):
    with pytest.raises(ConversionError, match=message):
        run_layer(kind, params, *inputs, constants=constants)


def test_another_eps_is_refused():
    weights = {"scale": FOUR[:3], "bias": FOUR[:3]}
    with pytest.raises(ConversionError, match=r"always take an eps of 1e-05, got 0\.00100"):
        run_layer("InstBatchNormCxx", "3 0.001", X, weights=weights)

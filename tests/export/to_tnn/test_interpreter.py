"""Whole networks: what fits together, what comes out, and what is let go."""

from dataclasses import replace

import numpy as np
import pytest

from export.errors import ConversionError, TnnFormatError
from export.to_tnn.interpreter import Interpreter
from export.to_tnn.net import Layer, NetInput, Resource, TnnNet
from tests.export.to_tnn.one_layer import some
from tests.export.to_tnn.samples import sample_net

IMAGE = some(1, 3, 8, 8)
INPUTS = {"image": IMAGE, "ids": np.array([2, 0], np.int32)}


def test_the_outputs_of_a_network():
    values = Interpreter(sample_net()).run(INPUTS)
    assert list(values) == ["picked", "feature/7"]
    np.testing.assert_array_equal(
        values["picked"], sample_net().resources[4].arrays["data"][[2, 0]]
    )
    assert values["feature/7"].shape == (1, 16, 5)


def test_any_blob_by_its_name():
    names = ["c", "u", "image", "scale", "feature/7", "c"]
    values = Interpreter(sample_net()).run(INPUTS, names)
    assert {name: array.shape for name, array in values.items()} == {
        "c": (1, 4, 4, 4),
        "u": (1, 16, 4),
        "image": (1, 3, 8, 8),
        "scale": (4,),
        "feature/7": (1, 16, 5),
    }
    np.testing.assert_array_equal(values["u"], values["u"])


def test_it_runs_again_and_leaves_its_inputs_alone():
    interpreter, before = Interpreter(sample_net()), IMAGE.copy()
    first, again = (interpreter.run(INPUTS)["feature/7"] for _ in range(2))
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(IMAGE, before)


def chain(*layers: Layer, **changes) -> TnnNet:
    net = TnnNet((NetInput("x", (1, 2), "float32"),), (layers[-1].outputs[0],), layers)
    return replace(net, **changes)


def relu(name: str, given: str, made: str) -> Layer:
    return Layer("ReLU", name, (given,), (made,))


def test_blobs_are_let_go_behind_their_last_use(monkeypatch: pytest.MonkeyPatch):
    net = chain(
        relu("a", "x", "p"), relu("b", "p", "q"), Layer("Add", "c", ("x", "q"), ("y",), ("-1",))
    )
    interpreter, seen = Interpreter(net), []
    run = interpreter.run_layer
    monkeypatch.setattr(
        interpreter, "run_layer", lambda layer, blobs: seen.append(set(blobs)) or run(layer, blobs)
    )
    interpreter.run({"x": some(1, 2)})
    assert seen == [{"x"}, {"x", "p"}, {"x", "q"}]
    interpreter.run({"x": some(1, 2)}, ["p"])
    assert seen[3:] == [{"x"}, {"x", "p"}, {"x", "p", "q"}]


def test_an_output_that_nothing_uses():
    net = chain(Layer("SplitV", "s", ("x",), ("p", "q"), ("1", "2", "1", "1")))
    assert list(Interpreter(net).run({"x": some(1, 2)})) == ["p"]


X = NetInput("x", (1, 2), "float32")
SUM = Layer("Add", "sum", ("k", "k"), ("y",), ("-1",))
RAGGED = [
    (chain(relu("a", "z", "y")), r"layer 'a' \(ReLU\): nothing before it gives its input 'z'"),
    (chain(relu("a", "q", "y"), relu("b", "x", "q")), "nothing before it gives its input 'q'"),
    (chain(relu("a", "x", "y"), relu("b", "x", "y")), "the blob 'y' is there 2 times"),
    (chain(relu("a", "x", "x")), "the blob 'x' is there 2 times"),
    (chain(relu("a", "x", "y"), constants={"y": some(2)}), "the blob 'y' is there 2 times"),
    (chain(relu("a", "x", "y"), inputs=(X, X)), "the input 'x' is there 2 times"),
    (chain(relu("a", "x", "y"), outputs=("z",)), "no layer gives the output 'z'"),
    (chain(SUM, constants={"k": some(2)}), "it has only constant inputs, which crashes NAIVE"),
    (chain(Layer("ReLU", "a", (), ("y",))), "expected 1 to 1 inputs and an output, got 0 and 1"),
    (chain(Layer("ReLU", "a", ("x", "x"), ("y",))), "got 2 and 1"),
    (chain(relu("a", "x", "y"), inputs=(replace(X, dtype="float16"),)), "'x': expected float32 or"),
    (chain(relu("a", "x", "y"), constants={"k": np.zeros(2, np.float16)}), "'k': .* got float16"),
    (chain(relu("a", "x", "y"), constants={"k": np.zeros(2, np.int64)}), "'k': .* got int64"),
    (
        chain(relu("a", "x", "y"), resources=(Resource("Add", "a", {}),)),
        "expected type ReLU, got Add",
    ),
    (
        chain(relu("a", "x", "y"), resources=(Resource("Add", "b", {}),) * 2),
        "resource 'b' is there 2",
    ),
]


@pytest.mark.parametrize(("net", "message"), RAGGED)
def test_a_network_that_hangs_not_together_is_refused(net: TnnNet, message: str):
    with pytest.raises(TnnFormatError, match=message):
        Interpreter(net)


MISSING = [
    ("Const", "does not run: TNN creates it on no device"),
    ("Erf", "ARM has no such layer; use GELU"),
    ("Shape", "ARM has no such layer"),
    ("LeakyRelu", "expected one of Abs, Acos, Add, "),
]


@pytest.mark.parametrize(("kind", "message"), MISSING)
def test_a_layer_that_tnn_has_not_everywhere_is_refused(kind: str, message: str):
    with pytest.raises(ConversionError, match=message):
        Interpreter(chain(Layer(kind, "a", ("x",), ("y",))))


CALLS = [
    ({"x": some(1, 3)}, None, r"input 'x': expected float32 \[1, 2\], got float32 \[1, 3\]"),
    ({"x": np.zeros((1, 2))}, None, r"expected float32 \[1, 2\], got float64 \[1, 2\]"),
    ({}, None, "expected the inputs x, got none"),
    ({"x": some(1, 2), "z": some(1)}, None, "expected the inputs x, got x, z"),
    ({"x": some(1, 2)}, ["z"], "the network has no blob 'z'"),
]


@pytest.mark.parametrize(("inputs", "outputs", "message"), CALLS)
def test_a_wrong_call_is_refused(inputs, outputs, message: str):
    with pytest.raises(ConversionError, match=message):
        Interpreter(chain(relu("a", "x", "y"))).run(inputs, outputs)


def test_a_layer_that_fails_is_named_with_its_shapes():
    net = chain(relu("a", "x", "p"), Layer("Squeeze", "b", ("p",), ("y",), ("1", "1")))
    message = r"layer 'b' \(Squeeze\) does not run on \[1, 2\] with the parameters '1 1': axis 1 of"
    with pytest.raises(ConversionError, match=message):
        Interpreter(net).run({"x": some(1, 2)})


def test_layers_have_the_outputs_that_they_make():
    with pytest.raises(ConversionError, match="expected 1 outputs, got 2"):
        Interpreter(chain(Layer("ReLU", "a", ("x",), ("y", "z")))).run({"x": some(1, 2)})

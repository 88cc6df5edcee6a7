"""A cut of a network gives what the whole one gives there, and TNN fuses in it what it did."""

from pathlib import Path

import numpy as np
import pytest

from export.errors import ConversionError
from export.to_tnn.format import read_net, write_net
from export.to_tnn.interpreter import Interpreter
from export.to_tnn.net import Layer, NetInput, Resource, TnnNet
from mobileinst_deploy.runtimes.tnn.cut import cut_net

X, Y = (NetInput(name, (1, 3, 4, 4), "float32") for name in "xy")
PARAMS = ("1", "3", "3", "1", "1", "1", "1", "0", "0", "0", "-1", "1", "1", "0")
CONV = Layer("Convolution", "conv", ("x",), ("c",), PARAMS)
RELU = Layer("ReLU", "relu", ("c",), ("r",))
SUM = Layer("Add", "sum", ("r", "c"), ("s",), ("-1",))
NEG = Layer("Neg", "neg", ("y",), ("n",))
LAST = Layer("Mul", "last", ("s", "n"), ("out",), ("-1",))
WEIGHT = np.random.default_rng(0).normal(size=(3, 3, 1, 1)).astype(np.float32)
NET = TnnNet(
    (X, Y),
    ("out",),
    (CONV, RELU, SUM, NEG, LAST),
    (Resource("Convolution", "conv", {"weight": WEIGHT}),),
    {"unused": WEIGHT},
)


def names(net: TnnNet) -> list[str]:
    return [layer.name for layer in net.layers]


@pytest.mark.parametrize(
    ("tensors", "inputs", "layers"),
    [
        (["out"], [X, Y], ["conv", "relu", "sum", "neg", "last"]),
        (["n"], [Y], ["neg"]),
        (["c"], [X], ["conv"]),
        (["n", "r"], [X, Y], ["conv", "relu", "neg"]),
        (["c", "s"], [X], ["conv", "relu", "sum", "witness0"]),
        (["r", "c"], [X], ["conv", "relu", "witness0"]),
    ],
)
def test_only_what_the_tensors_need_is_left(tensors, inputs, layers):
    cut = cut_net(NET, tensors)
    assert cut.outputs == tuple(tensors)
    assert [*cut.inputs] == inputs
    assert names(cut) == layers


def test_no_layer_that_follows_takes_the_asked_tensor_away():
    """TNN would: a ReLU right behind a convolution that nobody else reads is fused into it."""
    cut = cut_net(NET, ["c", "r"])
    assert cut.layers[-1] == Layer("Abs", "witness0", ("c",), ("witness0",))


def test_witnesses_have_names_of_their_own():
    net = TnnNet((X,), ("r",), (CONV, RELU, Layer("Neg", "n", ("c",), ("witness0",))))
    assert cut_net(net, ["c", "witness0", "r"]).layers[-1].name == "witness1"


def test_a_cut_beside_the_whole_weights_gives_the_same(tmp_path: Path):
    """As the loader gets it: the cut's proto, and the model as it is."""
    write_net(NET, tmp_path / "whole.tnnproto", tmp_path / "whole.tnnmodel")
    rng = np.random.default_rng(1)
    given = {spec.name: rng.normal(size=spec.shape).astype(np.float32) for spec in NET.inputs}
    wanted = Interpreter(NET).run(given, ["c", "r", "s", "n"])
    for tensors in (["c", "r"], ["s"], ["n", "s"]):
        write_net(cut_net(NET, tensors), tmp_path / "cut.tnnproto", tmp_path / "nothing")
        cut = read_net(tmp_path / "cut.tnnproto", tmp_path / "whole.tnnmodel")
        got = Interpreter(cut).run({spec.name: given[spec.name] for spec in cut.inputs})
        for name in tensors:
            np.testing.assert_array_equal(got[name], wanted[name])


@pytest.mark.parametrize("tensors", [["x"], ["out", "none"]])
def test_what_no_layer_gives_is_refused(tensors):
    with pytest.raises(ConversionError, match=f"no layer of the network gives '{tensors[-1]}'"):
        cut_net(NET, tensors)

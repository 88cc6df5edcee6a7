"""A tensor that TNN would fuse away is kept by a witness, and a file without one is refused."""

from pathlib import Path

import numpy as np
import onnx.parser
import pytest

from export.errors import ConversionError
from export.to_tnn.convert import convert
from export.to_tnn.fusions import lost_tensors, witnesses
from export.to_tnn.interpreter import Interpreter
from export.to_tnn.net import Layer, NetInput, TnnNet
from tests.export.to_tnn.graphs import check_agrees

HEADER = '<ir_version: 10, opset_import: ["" : 18]> '
CONV = (
    HEADER + "g (float[1,2,4,4] x) => ({outputs}) <float[2,2,1,1] w = {{1, 2, 3, 4}}> {{ {body} }}"
)
MAP = "float[1,2,4,4]"
MODELS = {
    "the activation's input is an output": (f"{MAP} y, {MAP} z", "y = Conv(x, w) z = Relu(y)"),
    "another tensor's activation": (f"{MAP} y, {MAP} z", "a = Neg(x) y = Conv(x, w) z = Relu(a)"),
}


@pytest.mark.parametrize(("outputs", "body"), MODELS.values(), ids=MODELS)
def test_an_output_is_kept_apart(outputs: str, body: str, tmp_path: Path):
    model = onnx.parser.parse_model(CONV.format(outputs=outputs, body=body))
    net = convert(model).net
    assert lost_tensors(net) == []
    check_agrees(model, tmp_path, 1e-5, {"x": np.ones((1, 2, 4, 4), np.float32)})


def layers(*words: tuple[str, str, str]) -> tuple[Layer, ...]:
    return tuple(Layer(kind, out, tuple(into.split()), (out,)) for kind, into, out in words)


LOST = {
    "read by what it is fused with": ((("Convolution", "x", "c"), ("ReLU", "c", "r")), "r", []),
    "an output too": ((("Convolution", "x", "c"), ("ReLU", "c", "r")), "c r", ["c"]),
    "read further behind": (
        (("Convolution", "x", "c"), ("ReLU", "x", "r"), ("Add", "c r", "s")),
        "s",
        [],
    ),
    "read by nobody": ((("Convolution", "x", "c"), ("ReLU", "x", "r")), "r", ["c"]),
    "a product and its sum": ((("MatMul", "x x", "m"), ("Add", "m x", "s")), "m s", ["m"]),
    "nothing that is fused": ((("Convolution", "x", "c"), ("Sigmoid", "c", "s")), "c s", []),
}


@pytest.mark.parametrize(("given", "outputs", "lost"), LOST.values(), ids=LOST)
def test_what_is_lost(given, outputs: str, lost: list[str]):
    net = TnnNet((), tuple(outputs.split()), layers(*given))
    assert lost_tensors(net) == lost
    kept = TnnNet((), net.outputs, (*net.layers, *witnesses(net.layers, lost)))
    assert lost_tensors(kept) == []


def test_the_interpreter_refuses_what_tnn_would_lose():
    given = layers(("MatMul", "x x", "m"), ("Add", "m x", "s"))
    given = tuple(Layer(g.type, g.name, g.inputs, g.outputs, ("-1",)) for g in given)
    with pytest.raises(ConversionError, match="loses that tensor"):
        Interpreter(TnnNet((NetInput("x", (2, 2), "float32"),), ("m", "s"), given))

from pathlib import Path

import onnx
import onnx.parser
import pytest

from mobileinst_deploy.errors import InputError
from mobileinst_deploy.estimate.onnx_graph import graph_of, read_graph
from tests.mobileinst_deploy.estimate.graphs import HEADER, graph

SCALED = """g (float[1,4] x) => (float[1,4] y) <float[4] w = {1.0, 2.0, 3.0, 4.0}>
    { half = Neg(w)  s = Mul(x, half)  y = Identity(s) }"""


def test_shapes_are_inferred_and_what_hangs_on_constants_alone_is_a_constant():
    read = graph(SCALED)
    assert [(one.type, one.outputs[0].shape) for one in read.operations] == [
        ("Mul", (1, 4)),
        ("Identity", (1, 4)),
    ]
    assert [weight.name for weight in read.weights] == ["half"]
    assert read.inputs[0].bytes(4) == 16
    assert read.outputs == ("y",)


def test_integers_keep_their_size_in_every_precision():
    read = graph("g (uint8[1,4] x) => (float[1,4] y) { y = Cast<to = 1>(x) }")
    assert read.inputs[0].bytes(2) == 4
    assert read.operations[0].outputs[0].bytes(2) == 8


def test_a_free_number_of_kernels_is_ten():
    model = onnx.parser.parse_model(
        f"{HEADER} g (float[1,n,4] x, float[m,4] z) => (float[1,n,4] y, float[m,4] r) "
        "{ y = Relu(x)  r = Relu(z) }"
    )
    for value in (model.graph.input[1], model.graph.output[1]):
        value.type.tensor_type.shape.dim[0].dim_param = "9n"
    assert [tensor.shape for tensor in graph_of(model).inputs] == [(1, 10, 4), (90, 4)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("g (float[batch,4] x) => (float[batch,4] y) { y = Relu(x) }", "'x' is not fixed .batchx4"),
        ("g (float[1,4] x) => (float[1,4] y) { z = Mine(x)  y = Relu(z) }", "'z' of Mine"),
    ],
)
def test_a_shape_that_cannot_be_told(text, says):
    with pytest.raises(InputError, match=says):
        graph_of(onnx.parser.parse_model(f"{HEADER} {text}"))


def test_a_file_that_is_no_model(tmp_path: Path):
    file = tmp_path / "keyframe.onnx"
    file.write_bytes(b"no model")
    with pytest.raises(InputError, match=r"keyframe\.onnx can't be read as an ONNX model"):
        read_graph(file)

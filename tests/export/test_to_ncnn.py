"""ONNX through pnnx: names by value, outputs in any order, and one line for what can't be."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from export import ncnn_probe, to_ncnn
from export.errors import ConversionError
from export.ncnn_net import NcnnNet
from export.ncnn_param import output_blobs, parse_param
from export.onnx_tensors import onnx_session, run_onnx
from export.pooled_means import pool_means
from export.to_ncnn import NcnnFiles

Array = NDArray[np.float32]
HEADER = '<ir_version: 10, opset_import: ["" : 18]> '
ONE_IN_ONE_OUT = "g (float[1,3,8,6] image) => (float[1,3,8,6] y) "


def parse(text: str) -> onnx.ModelProto:
    return onnx.parser.parse_model(HEADER + text)


def drawn(*shape: int) -> Array:
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


IMAGE = drawn(1, 3, 8, 6)


def run(folder: Path, files: NcnnFiles, weights: bytes, feed: dict[str, Array]) -> dict[str, Array]:
    """What the files give, by the model's names."""
    param, stored = folder / "a.param", folder / "a.bin"
    param.write_text(files.param)
    stored.write_bytes(weights)
    blobs = {files.names[name]: array[0] for name, array in feed.items() if name in files.names}
    outputs = {name: blob for name, blob in files.names.items() if blob.startswith("out")}
    values = NcnnNet(param, stored).run(blobs, [*outputs.values()])
    return {name: values[blob] for name, blob in outputs.items()}


def relative(got: Array, wanted: Array) -> float:
    return float(np.abs(got.reshape(-1) - wanted.reshape(-1)).max() / np.abs(wanted).max())


@pytest.fixture(scope="module")
def model() -> onnx.ModelProto:
    """Two outputs, of which the first is computed last, and an input that nothing uses."""
    weights = ",".join(f"{value:.4f}" for value in drawn(8 * 3 * 3 * 3))
    return parse(
        "g (float[1,3,8,6] image, float[2,2] unused) => (float[1,8,6,4] late, float[1,8,6,4] early)"
        f" <float[8,3,3,3] weight = {{{weights}}}>"
        " { a = Conv(image, weight)  early = Sigmoid(a)  b = Relu(a)  c = Neg(b)  late = Exp(c) }"
    )


@pytest.fixture(scope="module")
def files(model: onnx.ModelProto) -> NcnnFiles:
    return to_ncnn.to_ncnn(model, {"image": IMAGE}, half=True)


def test_blobs_have_the_names_of_the_tensors(files: NcnnFiles):
    layers = parse_param(files.param)
    named = {layer.outputs[0]: layer.type for layer in layers if layer.type != "Split"}
    assert named == {
        "in0": "Input", "a": "Convolution", "b": "ReLU", "c": "UnaryOp",
        "out0": "UnaryOp", "out1": "Sigmoid",
    }  # fmt: skip
    assert {layer.name for layer in layers} >= {"a", "b", "c"}


def test_outputs_are_found_in_another_order(model: onnx.ModelProto, files: NcnnFiles, tmp_path):
    assert output_blobs(parse_param(files.param)) == ["out1", "out0"]
    assert files.names == {"image": "in0", "late": "out0", "early": "out1"}
    feed = {"image": drawn(2, 3, 8, 6)[1:], "unused": np.zeros((2, 2), np.float32)}
    wanted = run_onnx(onnx_session(model.SerializeToString()), feed)
    got = run(tmp_path, files, files.weights, feed)
    assert max(relative(got[name], wanted[name]) for name in wanted) < 1e-5


def test_weights_as_float16(model: onnx.ModelProto, files: NcnnFiles, tmp_path: Path):
    assert files.half_weights is not None
    assert len(files.weights) == 4 + 8 * 3 * 9 * 4  # a word of its own before the weights
    assert len(files.half_weights) == 4 + 8 * 3 * 9 * 2
    full = run(tmp_path, files, files.weights, {"image": IMAGE})
    half = run(tmp_path, files, files.half_weights, {"image": IMAGE})
    assert 0 < max(relative(half[name], full[name]) for name in full) < 1e-2


MEANS = [(axis, keeps) for axis in (2, 3, -1) for keeps in (0, 1)]


@pytest.mark.parametrize(("axis", "keeps"), MEANS)
def test_a_mean_along_one_side_is_a_pooling(axis: int, keeps: int):
    model = single_mean(axis, keeps)
    wanted = run_onnx(onnx_session(model.SerializeToString()), {"image": IMAGE})
    pooled = pool_means(model)
    assert "ReduceMean" not in {node.op_type for node in pooled.graph.node}
    got = run_onnx(onnx_session(pooled.SerializeToString()), {"image": IMAGE})
    np.testing.assert_allclose(got["y"], wanted["y"], rtol=1e-5, atol=1e-6)


def single_mean(axis: int, keeps: int) -> onnx.ModelProto:
    return parse(
        f"g (float[1,3,8,6] image) => (float y) <int64[1] axis = {{{axis}}}>"
        f" {{ a = Relu(image)  y = ReduceMean<keepdims={keeps}>(a, axis) }}"
    )


def test_pnnx_itself_loses_the_axis():
    """The day this fails, export/pooled_means.py is no longer needed."""
    param, weights = to_ncnn.run_pnnx(single_mean(2, 1))
    got = ncnn_probe.probe(param, weights, {"in0": IMAGE[0]})["out0"]
    wanted = np.maximum(IMAGE, 0).mean(2)
    assert got.size != wanted.size or relative(got, wanted) > 0.1


def test_a_mean_along_one_side_is_right_in_ncnn(tmp_path: Path):
    converted = to_ncnn.to_ncnn(single_mean(2, 0), {"image": IMAGE})
    got = run(tmp_path, converted, converted.weights, {"image": IMAGE})
    assert relative(got["y"], np.maximum(IMAGE, 0).mean(2)) < 1e-5


@pytest.mark.parametrize(
    "body",
    [
        "<int64[2] axes = {2, 3}> { y = ReduceMean(image, axes) }",
        "<int64[1] axes = {1}> { y = ReduceMean(image, axes) }",
        "{ y = ReduceMean(image) }",
        "{ y = Relu(image) }",
    ],
)
def test_other_means_stay(body: str):
    model = parse(f"g (float[1,3,8,6] image) => (float y) {body}")
    assert pool_means(model) == model


UINT8 = "g (uint8[1,3,8,6] image) => (float[1,3,8,6] y) { y = Cast<to=1>(image) }"
REFUSALS = {
    "uint8": (UINT8, "float32 alone, but the input 'image' is uint8: export it without --bake"),
    "int64": (UINT8.replace("uint8", "int64"), "the input 'image' is int64: export it without"),
    "batch": (
        "g (float[2,3,8,6] image) => (float[2,3,8,6] y) { y = Neg(image) }",
        "ncnn has no batch axis, but the input 'image' has 2 of it: give it a shape that starts",
    ),
    "unknown to ncnn": (ONE_IN_ONE_OUT + "{ a = Abs(image)  y = IsNaN(a) }", "layer IsNaN not exi"),
    "unknown to ONNX": (
        ONE_IN_ONE_OUT + "{ y = Frobnicate(image) }",
        "No Op registered for Frobnicate",
    ),
    "pnnx crashes": (
        "g (float[1,3,8,6] image) => (float[1,3,8,6] y, float[1,3,8,6] z)"
        " { y = Sigmoid(image)  z = Identity(y) }",
        r"pnnx can't convert the model: no reason given \(signal 11\)$",
    ),
}


@pytest.mark.parametrize(("text", "says"), REFUSALS.values(), ids=REFUSALS)
def test_what_ncnn_can_not_have_is_refused_in_one_line(text: str, says: str):
    with pytest.raises(ConversionError, match=says) as caught:
        to_ncnn.to_ncnn(parse(text), {"image": IMAGE})
    assert "\n" not in str(caught.value)
    assert "\x1b" not in str(caught.value)


INPUT = "7767517\n{} {}\nInput in0 0 1 in0\n"
OTHER_SIZE = INPUT.format(3, 3) + "Input in1 0 1 in1\nBinaryOp a 2 1 in0 in1 out0 0=0\n"
PROBES = {
    "no room": (
        INPUT.format(2, 2) + "Convolution a 1 1 in0 out0 0=4 1=3 6=3600000\n",
        b"\0" * (4 * 3600001),
        "ncnn crashes on what pnnx made of the model: a layer got shapes it can't take",
    ),
    "no such layer": (INPUT.format(2, 2) + "Nope a 1 1 in0 out0\n", b"", "layer Nope not exists"),
    "no such blob": (INPUT.format(2, 2) + "ReLU a 1 1 b out0\n", b"", "name b failed"),
    "too few blobs": (INPUT.format(2, 1) + "ReLU a 1 1 in0 out0\n", b"", "too many blobs at layer"),
    "short weights": (
        INPUT.format(2, 2) + "InnerProduct a 1 1 in0 out0 0=10 1=0 2=1440\n",
        b"\0" * 8,
        "ncnn can't load bin: ModelBin read",
    ),
    "no axes": (INPUT.format(2, 2) + "Permute a 1 1 in0 out0 0=19\n", b"", "can't compute 'out0'"),
}  # fmt: skip


@pytest.mark.parametrize(("param", "weights", "says"), PROBES.values(), ids=PROBES)
def test_a_network_that_ncnn_can_not_run_is_one_line(param: str, weights: bytes, says: str):
    with pytest.raises(ConversionError, match=says) as caught:
        ncnn_probe.probe(param, weights, {"in0": IMAGE[0]})
    assert "\n" not in str(caught.value)
    assert "/" not in str(caught.value).split(":")[0]


def test_a_network_that_hangs_is_one_line(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ncnn_probe, "TIMEOUT_S", 0.01)
    with pytest.raises(ConversionError, match=r"ncnn did not finish within 0\.01 s"):
        ncnn_probe.probe(INPUT.format(1, 1), b"", {"in0": IMAGE[0]})


def test_a_probe_gives_every_blob_but_inputs_and_copies(files: NcnnFiles):
    blobs = ncnn_probe.probe(files.param, files.weights, {"in0": IMAGE[0]})
    assert {*blobs} == {"a", "b", "c", "out0", "out1"}
    np.testing.assert_array_equal(blobs["b"], np.maximum(blobs["a"], 0))


# A path entry that hides pnnx, in a process of its own.
WITHOUT_PNNX = """
import importlib.util, sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name == "pnnx":
            raise ModuleNotFoundError("No module named 'pnnx'", name="pnnx")
sys.meta_path.insert(0, Hidden())
from mobileinst_deploy.cli.main import main
sys.argv = ["mobileinst", "convert", "a.onnx", "--target", "ncnn", "-o", "out"]
main()
"""


def test_without_pnnx_it_says_what_to_install(tmp_path: Path):
    onnx.save(parse(ONE_IN_ONE_OUT + "{ y = Relu(image) }"), tmp_path / "a.onnx")
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_PNNX],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(root)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 3, done.stderr
    assert "pnnx" in done.stderr
    assert done.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["a.onnx"]

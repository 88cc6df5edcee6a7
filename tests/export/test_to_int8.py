"""int8 of a network's convolutions: the right ones, nothing else, and the same bytes again."""

import functools
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import pytest

from export.errors import ConversionError
from export.onnx_tensors import onnx_session, run_onnx
from export.to_int8 import Quantized, quantize_convolutions
from mobileinst_deploy.parity.metrics import compare, in_user_terms
from tests.export.keyframes import frames, keyframe

HEADER = '<ir_version: 10, opset_import: ["" : 18]> '
NET = (
    "net (float[1,2,4,4] x) => (float[1,2,4,4] y)"
    " <float[2,2,1,1] v = {0.3, -0.7, 1.0, 0.25}, float[2,2,1,1] w = {1.0, -2.0, 0.5, 0.1}>"
    " { a = Conv (x, v)  b = Relu (a)  c = Conv (b, w)  y = Sigmoid (c) }"
)
ADDED = ("QuantizeLinear", "DequantizeLinear")
AGAIN = """
import sys
import numpy as np
import onnx
from export.to_int8 import quantize_convolutions
model, x = onnx.load(sys.argv[1]), np.load(sys.argv[2])
sys.stdout.buffer.write(quantize_convolutions(model, [{"x": x}]).model.SerializeToString())
"""


@functools.cache
def quantized() -> Quantized:
    """Calibrated on a frame of the video and two photographs."""
    return quantize_convolutions(keyframe(), frames(1, 2, 4), prefix="backbone")


def small() -> onnx.ModelProto:
    """Named as ours are: a node is called after its output."""
    model = onnx.parser.parse_model(HEADER + NET)
    for node in model.graph.node:
        node.name = node.output[0]
    return model


def noise() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(1, 2, 4, 4)).astype(np.float32)


def convolutions(model: onnx.ModelProto) -> dict[str, onnx.NodeProto]:
    return {node.name: node for node in model.graph.node if node.op_type == "Conv"}


def is_int8(model: onnx.ModelProto, conv: onnx.NodeProto) -> bool:
    """Whether all that it reads was quantized."""
    made_by = {name: node.op_type for node in model.graph.node for name in node.output}
    return all(made_by.get(name) == "DequantizeLinear" for name in conv.input)


def test_the_backbones_convolutions_and_no_others():
    before, after = convolutions(keyframe()), convolutions(quantized().model)
    assert set(before) == set(after)
    changed = [name for name in before if is_int8(quantized().model, after[name])]
    assert changed == list(quantized().nodes)
    assert changed == [name for name in before if name.startswith("backbone")]
    assert 0 < len(changed) < len(before)


def outside(model: onnx.ModelProto) -> dict[str, onnx.NodeProto]:
    """The nodes that are not the backbone's, and what they read by the names before int8."""
    nodes = {}
    for node in model.graph.node:
        if not node.name.startswith("backbone") and node.op_type not in ADDED:
            nodes[node.name] = copy = onnx.NodeProto.FromString(node.SerializeToString())
            copy.input[:] = [name.removesuffix("_DequantizeLinear_Output") for name in node.input]
    return nodes


def test_nodes_outside_are_untouched():
    assert outside(quantized().model) == outside(keyframe())


def test_inputs_outputs_and_tensors_keep_their_names():
    ours, theirs = keyframe().graph, quantized().model.graph
    assert (theirs.input, theirs.output, theirs.name) == (ours.input, ours.output, ours.name)
    before = {name for node in ours.node for name in node.output}
    after = {name for node in theirs.node for name in node.output}
    gone = before - after
    assert gone <= set(quantized().nodes)  # between a convolution and its Relu
    weights = {weight.name for weight in ours.initializer}  # a bias is computed from integers now
    assert all(name.endswith("Linear_Output") for name in after - before - weights)


def test_tensors_outside_hold_what_they_held():
    """On weights that were not trained int8 costs much; a wrong range costs everything."""
    feed = frames(0)[0]
    wanted, got = (
        run_onnx(onnx_session(model.SerializeToString()), feed)
        for model in (keyframe(), quantized().model)
    )
    assert min(compare(wanted[name], got[name]).cosine for name in wanted) > 0.75
    terms = in_user_terms("mask_logits", wanted["mask_logits"], got["mask_logits"])
    assert terms["mask_iou_mean"] > 0.6
    assert compare(wanted["mask_logits"], got["mask_logits"]).cosine < 0.9999  # it is not float32


def test_a_small_network_is_as_exact_as_8_bits_allow():
    x = noise()
    result = quantize_convolutions(small(), [{"x": x}])
    wanted, got = (
        run_onnx(onnx_session(model.SerializeToString()), {"x": x})["y"]
        for model in (small(), result.model)
    )
    assert result.nodes == ("a", "c")
    assert np.abs(wanted - got).max() < 0.02


def test_weights_are_smaller_by_what_became_int8():
    assert quantized().model.ByteSize() < 0.9 * keyframe().ByteSize()


def test_settings_are_data():
    assert quantized().settings == {
        "calibration": "percentile 99.99",
        "activations": "uint8",
        "weights": "int8 per channel",
        "calibration_frames": 3,
        "prefix": "backbone",
    }


def test_a_valid_file_without_notes():
    model = quantized().model
    onnx.checker.check_model(model, full_check=True)
    assert (model.producer_name, model.producer_version) == ("mobileinst-deploy", "")
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", 18)]
    assert len(model.metadata_props) == 0


def test_the_same_bytes_in_another_process(tmp_path: Path):
    """Which has another order of sets."""
    onnx.save(small(), tmp_path / "small.onnx")
    np.save(tmp_path / "x.npy", noise())
    again = subprocess.run(
        [sys.executable, "-c", AGAIN, tmp_path / "small.onnx", tmp_path / "x.npy"],
        env={**os.environ, "PYTHONHASHSEED": "1"},
        capture_output=True,
        check=True,
    ).stdout
    here = quantize_convolutions(small(), [{"x": noise()}]).model.SerializeToString()
    assert again == here


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    quantize_convolutions(small(), [{"x": noise()}])
    with pytest.raises(ConversionError):
        quantize_convolutions(small(), [{"other": noise()}])
    assert list(tmp_path.iterdir()) == []
    assert tuple(capfd.readouterr()) == ("", "")


def test_the_given_model_stays_as_it_was():
    model = small()
    quantize_convolutions(model, [{"x": noise()}])
    assert model == small()


@pytest.mark.parametrize(
    ("feeds", "prefix", "message"),
    [
        ([], "", "expected one frame or more to calibrate int8 with, got none"),
        (
            [{"x": noise()}],
            "head",
            "the graph net has no convolution whose name starts with 'head'",
        ),
        ([{"other": noise()}], "", "ONNX Runtime can't quantize the graph net: "),
    ],
)
def test_what_can_not_be_quantized_is_one_line(feeds: list, prefix: str, message: str):
    with pytest.raises(ConversionError, match=message) as caught:
        quantize_convolutions(small(), feeds, prefix=prefix)
    assert "\n" not in str(caught.value)

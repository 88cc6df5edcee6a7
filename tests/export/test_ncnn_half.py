"""fp16 as a bundle's precision: what overflows on real frames is marked to stay in float32."""

import json
from pathlib import Path

import numpy as np
import pytest
from torch import nn

from export.graphs import KEYFRAME, Graph
from export.manifest import Artifact, file_ref, open_bundle
from export.ncnn_artifacts import write_masked
from export.ncnn_net import NcnnNet
from export.ncnn_param import parse_param
from export.onnx_tensors import onnx_session, run_onnx
from export.to_ncnn import to_ncnn, without_batch
from tests.command import run
from tests.conftest import SMALL, export
from tests.export.keyframes import frames, keyframe
from tests.export.planting import find_pair, scaled


def test_layers_that_overflow_are_masked_in_the_file(tmp_path: Path):
    pair = find_pair(keyframe(), "backbone.pyramid.1")
    model, feed = scaled(keyframe(), pair, 18), frames(0)[0]
    files = to_ncnn(model, feed)
    (tmp_path / "ncnn").mkdir()
    weights = tmp_path / "ncnn" / "keyframe.bin"
    weights.write_bytes(files.weights)
    exact = Artifact("ncnn", "fp32", (file_ref(tmp_path, weights),) * 2, files.names, {})
    graph = Graph(KEYFRAME, "", nn.Identity(), (), ())
    masked = write_masked(tmp_path, graph, model, frames(0, 2), files, exact)

    assert masked.precision == "fp16"
    assert {*str(masked.settings["islands"]).split(",")} >= pair.between
    param = tmp_path / masked.files[0].file
    marked = [x.name for x in parse_param(param.read_text()) if "31=3" in x.params]
    assert {pair.relu.output[0], pair.second.output[0]} & {*marked}
    got = NcnnNet(param, weights).run({"in0": without_batch(feed["image"])}, ["out3"])["out3"]
    wanted = run_onnx(onnx_session(model.SerializeToString()), feed)["mask_logits"]
    assert np.abs(got - wanted[0]).max() <= 1e-4 * np.abs(wanted).max()


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("bundles") / "precise"
    options = ("--size", "64x96", "--kernels", "3", "--frames", "2", "--targets", "ncnn")
    return export(SMALL, output, *options, "--precisions", "fp16,int8")


def test_every_graph_has_the_precisions(bundle: Path):
    opened = open_bundle(bundle)
    for name in opened.manifest.graphs:
        assert opened.artifact(name, "ncnn", "fp16").settings["islands"] == ""
        nodes = opened.artifact(name, "onnx", "int8").settings["quantized_nodes"]
        assert (nodes == 0) == (name == "fold")


def test_each_has_its_row_and_its_own_limits(bundle: Path):
    ran = run("parity", bundle, "--runtimes", "fp16-emulation,onnxruntime:int8", "--format", "json")
    rows = json.loads(ran.out)["comparisons"]
    limits = {c["runtime"]: c["tolerance"] for c in rows}
    assert limits["fp16-emulation"] == "fp16"
    assert limits["onnxruntime:int8"] == "int8"
    emulated = [c for c in rows if c["runtime"] == "fp16-emulation"]
    assert all(c["passed"] for c in emulated)
    assert max(c["relative"] for c in emulated) > 1e-4  # it is not float32


def test_ncnn_is_not_asked_for_what_this_cpu_lacks(bundle: Path):
    from export.ncnn_net import supports_half_arithmetic

    ran = run("parity", bundle, "--runtimes", "ncnn:fp16")
    if supports_half_arithmetic():
        assert ran.code == 0, ran.err
    else:
        assert ran.code == 5
        assert "ARMv8.2" in ran.err

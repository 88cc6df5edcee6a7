"""Parity over ncnn's and TNN's files: passes on what export wrote, finds what was planted."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from export.to_tnn.format import read_net, write_net
from mobileinst_deploy.runtimes import base
from tests.command import Ran, run
from tests.export.tampering import rehash
from tests.mobileinst_deploy.refusal import Capture, refused, replace

GRAPHS = {"keyframe", "keyframe_literal", "fold", "reuse_plain", "reuse_folded"}
PRECISIONS = {
    "onnxruntime": "fp32",
    "ncnn": "fp32",
    "ncnn:fp16-storage": "fp16-storage",
    "tnn-interpreter": "fp32",
    "tnn-interpreter:fp16-storage": "fp16-storage",
}
THREE = ("--runtimes", "onnxruntime,ncnn,tnn-interpreter")


def parity(bundle: Path, *options: object) -> tuple[Ran, dict]:
    ran = run("parity", bundle, "--format", "json", *options)
    assert ran.out, ran.err
    return ran, json.loads(ran.out)


@pytest.fixture(autouse=True)
def no_tnn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TNN_LIBRARY", raising=False)


@pytest.fixture(scope="module")
def of_all(phone_bundle: Path) -> tuple[Ran, dict]:
    """Every runtime that the bundle has files for, on its golden frames and a sequence."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("TNN_LIBRARY", raising=False)
        return parity(phone_bundle, "--sequence", 1)


def test_every_runtime_passes_on_every_graph(of_all: tuple[Ran, dict]):
    ran, report = of_all
    assert (ran.code, report["verdict"], report["tolerance"]) == (0, "pass", "by precision")
    seen = {(c["runtime"], c["graph"], c["frame"]) for c in report["comparisons"]}
    frames = ("astronaut.jpg#0", "chelsea.jpg#0")
    assert seen >= {(r, g, f) for r in PRECISIONS for g in GRAPHS for f in frames}


def test_each_runtime_is_held_to_its_own_precision(of_all: tuple[Ran, dict]):
    _, report = of_all
    held = {(c["runtime"], c["tolerance"]) for c in report["comparisons"]}
    assert held == {*PRECISIONS.items(), ("pytorch", "fp32"), ("preprocessing", "fp32")}
    rounded = [c for c in report["comparisons"] if c["tolerance"] == "fp16-storage"]
    assert max(c["relative"] for c in rounded) > 1e-3


def test_state_is_handed_over_in_every_runtime(of_all: tuple[Ran, dict]):
    drifts = {(d["comparison"]["runtime"], d["comparison"]["graph"]) for d in of_all[1]["sequence"]}
    assert drifts == {(r, g) for r in PRECISIONS for g in ("reuse_plain", "reuse_folded")}


def test_what_is_not_there_is_said(of_all: tuple[Ran, dict]):
    skipped, hint = of_all[0].err.splitlines()
    assert skipped.startswith("Skipped tnn, tnn:fp16-storage: ")
    assert hint.startswith("Next: mobileinst bench ")
    assert {"torch", "onnxruntime", "ncnn"} == {*of_all[1]["versions"]}


def test_the_table_has_a_column_a_runtime(phone_bundle: Path):
    ran = run("parity", phone_bundle, "--runtimes", "ncnn,ncnn:fp16-storage")
    assert ran.code == 0, ran.out
    assert "ncnn" in ran.out
    assert [line[:8] for line in ran.out.splitlines() if line.startswith("pass at ")]
    assert "pass at fp16-storage: the worst output, ncnn:fp16-storage " in " ".join(ran.out.split())


def test_one_tolerance_can_be_had_for_all(phone_bundle: Path):
    ran, report = parity(phone_bundle, "--runtimes", "ncnn:fp16-storage", "--tolerance", "fp32")
    assert (ran.code, report["verdict"], report["tolerance"]) == (1, "fail", "fp32")


def weight(name: str) -> np.ndarray:
    """As the keyframe graph has it in ONNX."""
    model = onnx.load("phone/keyframe.onnx")
    return numpy_helper.to_array(next(i for i in model.graph.initializer if i.name == name))


def moved(values: np.ndarray) -> np.ndarray:
    """One element in the middle, by half of the largest."""
    result = values.copy()
    result.flat[result.size // 2] += 0.5 * np.abs(values).max()
    return result


def in_ncnn(name: str) -> None:
    """Changes a weight in the file that the keyframe and reuse graphs read."""
    path, values = Path("phone/ncnn/keyframe.bin"), weight(name)
    content = path.read_bytes()
    assert content.count(values.tobytes()) == 1
    replace(path, content.replace(values.tobytes(), moved(values).tobytes()))()


def in_tnn(graph: str) -> Callable[[str], None]:
    def plant(name: str) -> None:
        paths = [Path(f"phone/tnn/{graph}.{ending}") for ending in ("tnnproto", "tnnmodel")]
        net = read_net(*paths)
        arrays = next(r.arrays for r in net.resources if r.layer == name)
        arrays["weight"] = moved(arrays["weight"])
        for path in paths:
            path.unlink()
        write_net(net, *paths)

    return plant


BACKBONE, DECODER = "backbone.pyramid.4.layers.4", "mask_decoder.pyramid.bottom_up.1"
REUSING = ("keyframe", "reuse_plain", "reuse_folded")
TNN = "tnn-interpreter"
FAULTS = {
    "ncnn, backbone": (in_ncnn, f"{BACKBONE}.weight", "ncnn", REUSING, BACKBONE),
    "ncnn, head": (in_ncnn, "heads.kernel.2.bias", "ncnn", ("keyframe",), "kernels"),
    "tnn, backbone": (in_tnn("reuse_folded"), BACKBONE, TNN, ("reuse_folded",), BACKBONE),
    # TNN's convolution has the Relu in it
    "tnn, decoder": (
        in_tnn("keyframe"), DECODER, TNN, ("keyframe",), "mask_decoder.pyramid.act/relu_5"
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("plant", "weight_name", "runtime", "graphs", "place"), FAULTS.values(), ids=FAULTS
)
def test_a_planted_fault_is_found(
    phone_copy: Path, plant, weight_name: str, runtime: str, graphs, place: str
):
    plant(weight_name)
    rehash(phone_copy)
    ran, report = parity(phone_copy, *THREE, "--bisect")
    failed = {(c["runtime"], c["graph"]) for c in report["comparisons"] if not c["passed"]}
    assert (ran.code, report["verdict"]) == (1, "fail")
    assert failed == {(runtime, graph) for graph in graphs}
    culprits = {(c["runtime"], c["graph"], c["tensor"]) for c in report["culprits"]}
    assert culprits == {(runtime, graph, place) for graph in graphs}
    assert all("; everything up to " in c["sentence"] for c in report["culprits"])
    assert all(c["sentence"].endswith(" agrees") for c in report["culprits"])


def test_a_missing_package_is_skipped(phone_bundle: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(base, "is_installed", lambda package: package != "ncnn")
    ran, report = parity(phone_bundle)
    assert ran.code == 0
    assert "Skipped ncnn, ncnn:fp16-storage: ncnn is not installed\n" in ran.err
    runtimes = {c["runtime"] for c in report["comparisons"]}
    assert not {r for r in runtimes if r.startswith("ncnn")}
    assert "tnn-interpreter" in runtimes


def test_a_missing_package_that_was_asked_for(phone_copy: Path, monkeypatch, capfd: Capture):
    monkeypatch.setitem(sys.modules, "ncnn", None)  # what import then says is that it is missing
    refused("parity phone --runtimes ncnn", 3, "this command needs ncnn, .*not installed", capfd)


ASKED = [
    ("foo", 2, "unknown runtime 'foo': known are torch, onnxruntime, .*ncnn, .*tnn-interpreter"),
    ("ncnn,foo", 2, "unknown runtime 'foo'"),
    ("ncnn,", 2, "unknown runtime ''"),
    ("ncnn", 3, "bundle.* ncnn .*; .*--targets"),
    ("ncnn:fp16-storage", 3, "bundle.* ncnn fp16-storage"),
    ("tnn-interpreter", 3, "bundle.* tnn .*; .*--targets"),
    ("onnxruntime,onnxruntime:int8", 3, "bundle.* onnx int8"),
]


@pytest.mark.parametrize(("runtimes", "code", "says"), ASKED)
def test_a_bundle_without_those_files(
    workplace: Path, runtimes: str, code: int, says: str, capfd: Capture
):
    refused(f"parity bundle --runtimes {runtimes}", code, says, capfd)

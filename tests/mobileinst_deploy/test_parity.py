"""Parity passes on what export wrote, and names the place of a planted fault."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from safetensors.torch import load_file, save_file

from export.manifest import MANIFEST_NAME, digest
from tests.clips import clip
from tests.command import run
from tests.conftest import SMALL, export
from tests.export.tampering import edit_manifest, edit_onnx, rehash


def parity(bundle: Path, *options: object) -> tuple[int, dict]:
    ran = run("parity", bundle, "--format", "json", *options)
    assert ran.out, ran.err
    return ran.code, json.loads(ran.out)


def test_golden_frames_pass(small_bundle: Path):
    code, report = parity(small_bundle)
    assert (code, report["verdict"]) == (0, "pass")
    seen = {(c["runtime"], c["graph"]) for c in report["comparisons"]}
    graphs = {"keyframe", "keyframe_literal", "fold", "reuse_plain", "reuse_folded"}
    assert seen >= {("onnxruntime", graph) for graph in graphs}
    assert seen >= {("pytorch", graph) for graph in graphs}
    assert {c["frame"] for c in report["comparisons"]} == {"astronaut.jpg#0", "chelsea.jpg#0"}


def test_video_and_sequence_pass(small_bundle: Path):
    code, report = parity(small_bundle, "--video", clip("bikes"), "--frames", 4, "--sequence", 3)
    assert (code, report["verdict"]) == (0, "pass")
    assert len({c["frame"] for c in report["comparisons"] if c["graph"] == "keyframe"}) == 4
    drifts = {(d["comparison"]["graph"], d["since_keyframe"]) for d in report["sequence"]}
    assert drifts == {(g, s) for g in ("reuse_plain", "reuse_folded") for s in (1, 2, 3)}


def test_rewritten_modules_pass_in_pytorch(small_bundle: Path):
    code, report = parity(small_bundle, "--runtimes", "torch,onnxruntime", "--sequence", 1)
    assert code == 0
    graphs = {c["graph"] for c in report["comparisons"] if c["runtime"] == "torch"}
    assert graphs == {"keyframe", "keyframe_literal", "fold", "reuse_plain", "reuse_folded"}
    assert {d["comparison"]["runtime"] for d in report["sequence"]} == {"torch", "onnxruntime"}


def test_user_terms_are_there(small_bundle: Path):
    _, report = parity(small_bundle)
    terms = {c["output"]: set(c["terms"]) for c in report["comparisons"] if c["terms"]}
    assert terms == {
        "class_logits": {"top1_agreement", "top5_agreement"},
        "kernels": {"kernel_cosine_mean", "kernel_cosine_min"},
        "mask_logits": {"mask_iou_mean", "mask_iou_min"},
    }


def perturb(name: str) -> Callable[[onnx.ModelProto], None]:
    """Moves one element of a weight by half of the largest."""

    def change(model: onnx.ModelProto) -> None:
        weight = next(i for i in model.graph.initializer if i.name == name)
        values = numpy_helper.to_array(weight).copy()
        values.flat[values.size // 2] += 0.5 * np.abs(values).max()
        weight.CopyFrom(numpy_helper.from_array(values, name))

    return change


def swap_channels(model: onnx.ModelProto) -> None:
    """BGR in the place of RGB, in the first convolution."""
    weight = next(i for i in model.graph.initializer if i.name == "backbone.stem.0.weight")
    values = numpy_helper.to_array(weight)[:, ::-1].copy()
    weight.CopyFrom(numpy_helper.from_array(values, weight.name))


def resize_by_other_corners(tensor: str) -> Callable[[onnx.ModelProto], None]:
    def change(model: onnx.ModelProto) -> None:
        node = next(n for n in model.graph.node if tensor in n.output)
        mode = next(a for a in node.attribute if a.name == "coordinate_transformation_mode")
        assert mode.s == b"half_pixel"
        mode.s = b"align_corners"

    return change


FAULTS = {
    "weight of the backbone": (
        "keyframe",
        perturb("backbone.pyramid.4.layers.4.weight"),
        "backbone.pyramid.4.layers.4",
    ),
    "weight of the mask decoder": (
        "keyframe",
        perturb("mask_decoder.pyramid.bottom_up.1.weight"),
        "mask_decoder.pyramid.bottom_up.1",
    ),
    "weight in a head": ("keyframe", perturb("heads.kernel.2.bias"), "kernels"),
    "bias of the fold": ("fold", perturb("bias"), "matmul_4"),
    "channel order": ("reuse_folded", swap_channels, "backbone.stem.0"),
    "resize rule": (
        "reuse_plain",
        resize_by_other_corners("mask_decoder.pyramid.enhancers.0/upsample_bilinear2d"),
        "mask_decoder.pyramid.enhancers.0/upsample_bilinear2d",
    ),
}


@pytest.mark.parametrize(("graph", "plant", "place"), FAULTS.values(), ids=FAULTS)
def test_planted_fault_is_found(
    bundle_copy: Path, graph: str, plant: Callable[[onnx.ModelProto], None], place: str
):
    edit_onnx(bundle_copy, graph, plant)
    code, report = parity(bundle_copy, "--bisect")
    assert (code, report["verdict"]) == (1, "fail")
    assert {c["graph"] for c in report["comparisons"] if not c["passed"]} == {graph}
    assert [(c["graph"], c["tensor"]) for c in report["culprits"]] == [(graph, place)]


def test_wrong_resize_rule_of_the_manifest_is_found(bundle_copy: Path):
    def stretch(manifest: dict) -> None:
        manifest["preprocessing"]["resize"] = "stretch"

    edit_manifest(bundle_copy, stretch)
    code, report = parity(bundle_copy, "--bisect")
    assert code == 1
    assert report["culprits"][0]["graph"] == "preprocessing"
    assert "preprocessing" in {c["graph"] for c in report["comparisons"] if not c["passed"]}


def test_other_reference_weights_are_found(bundle_copy: Path, small_bundle: Path):
    """Weights beside graphs that were not exported from them."""
    path = bundle_copy / "weights.safetensors"
    weights = load_file(path)
    weights["heads.classify.weight"][3] *= 1.5
    save_file(weights, path)
    rehash(bundle_copy)
    code, report = parity(bundle_copy)
    failed = {(c["runtime"], c["output"]) for c in report["comparisons"] if not c["passed"]}
    assert code == 1
    assert failed == {("onnxruntime", "class_logits"), ("pytorch", "class_logits")}


def test_nan_is_reported(bundle_copy: Path):
    def poison(model: onnx.ModelProto) -> None:
        weight = next(i for i in model.graph.initializer if i.name == "heads.objectness.bias")
        weight.CopyFrom(numpy_helper.from_array(np.full(1, np.nan, np.float32), weight.name))

    edit_onnx(bundle_copy, "keyframe", poison)
    code, report = parity(bundle_copy)
    assert code == 1
    failed = next(c for c in report["comparisons"] if not c["passed"])
    assert failed["output"] == "objectness"
    assert failed["nan"] == 100
    assert "NaN" in failed["sentence"]


def test_changed_file_is_refused_unless_asked(bundle_copy: Path):
    path = bundle_copy / "keyframe.onnx"
    onnx.save(onnx.load(path), path)
    path.write_bytes(path.read_bytes() + b"\x00\x00")
    assert run("parity", bundle_copy).code == 3
    assert run("parity", bundle_copy, "--skip-verify").code in (0, 4)


def test_table_names_the_failing_output(bundle_copy: Path):
    edit_onnx(bundle_copy, "keyframe", perturb("heads.kernel.2.bias"))
    ran = run("parity", bundle_copy)
    assert ran.code == 1
    assert "onnxruntime keyframe/kernels on" in ran.out


def test_manifest_hash_is_recorded(small_bundle: Path):
    assert parity(small_bundle)[1]["manifest_sha256"] == digest(small_bundle / MANIFEST_NAME)


def test_rounding_that_the_weights_amplify_is_told_from_a_fault(small_bundle: Path, tmp_path: Path):
    """Attention so sharp that it turns rounding into other choices."""
    weights = load_file(small_bundle / "weights.safetensors")
    for name in weights:
        if name.endswith("attention.query.bn.weight"):
            weights[name] *= 30
    save_file(weights, tmp_path / "sharp.safetensors")
    options = ("--weights", str(tmp_path / "sharp.safetensors"), "--size", "96x160")
    bundle = export(SMALL, tmp_path / "sharp", *options, "--targets", "onnx")
    code, report = parity(bundle)
    excused = [c for c in report["comparisons"] if c["rounding"] is not None]
    assert code == 0
    assert excused
    assert all("float64" in c["sentence"] and c["relative"] > 1e-4 for c in excused)
    edit_onnx(bundle, "keyframe", perturb("heads.kernel.2.bias"))
    assert parity(bundle)[0] == 1

"""What `mobileinst ranges` says about a bundle, and about one that float16 can't hold."""

import json
from pathlib import Path

import onnx
import pytest

from export.manifest import file_ref
from tests.clips import clip
from tests.command import Ran, run
from tests.export.planting import find_pair, scaled
from tests.export.tampering import edit_manifest


@pytest.fixture
def overflowing(bundle_copy: Path) -> Path:
    """A bundle whose keyframe is the same in float32 and overflows in float16."""
    path = bundle_copy / "keyframe.onnx"
    model = onnx.load(path)
    onnx.save(scaled(model, find_pair(model, "backbone.pyramid.1"), 18), path)
    ref = file_ref(bundle_copy, path)

    def describe(plain: dict) -> None:
        for artifact in plain["graphs"]["keyframe"]["artifacts"]:
            for file in artifact["files"]:
                if file["file"] == ref.file:
                    file.update(sha256=ref.sha256, size=ref.size)

    edit_manifest(bundle_copy, describe)
    return bundle_copy


def report(ran: Ran) -> dict:
    return json.loads(ran.out)


def test_every_graph_of_a_calibrated_bundle_fits(small_bundle: Path):
    ran = run("ranges", small_bundle, "--frames", "1")
    assert (ran.code, ran.err) == (0, f"Next: mobileinst parity {small_bundle}\n")
    graphs = ("keyframe", "reuse_plain", "fold", "reuse_folded", "keyframe_literal")
    assert all(f" {graph} " in ran.out for graph in graphs)
    assert "Ranges against float16; frames: 1" in ran.out
    assert "pass: nothing leaves float16's range, which ends at 65504; the riskiest, " in ran.out


def test_json_has_every_tensor(small_bundle: Path):
    got = report(run("ranges", small_bundle, "--graph", "fold", "--format", "json"))
    assert (got["verdict"], got["frames"]) == ("pass", ["astronaut.jpg#0", "chelsea.jpg#0"])
    assert list(got["graphs"]) == ["fold"]
    nodes = onnx.load(small_bundle / "fold.onnx").graph.node
    tensors = {one["tensor"] for one in got["graphs"]["fold"]["tensors"]}
    assert {node.output[0] for node in nodes} <= tensors
    assert got["graphs"]["fold"]["islands"] == []


def test_what_overflows_is_named_and_the_answer_is_no(overflowing: Path):
    options = ("--frames", "1", "--graph", "keyframe")
    ran = run("ranges", overflowing, *options)
    assert (ran.code, ran.err) == (1, "")
    assert "OVERFLOWS" in ran.out
    named = "keep these layers in float32: backbone.pyramid.1.layers.0, backbone.pyramid.1.layers.1"
    assert named in ran.out
    got = report(run("ranges", overflowing, *options, "--format", "json"))
    assert got["verdict"] == "fail"
    assert "backbone.pyramid.1.layers.1" in got["graphs"]["keyframe"]["islands"]


def test_frames_of_a_video(small_bundle: Path):
    ran = run(
        "ranges", small_bundle, "--video", clip("bikes"), "--frames", "2",
        "--graph", "reuse_folded", "--format", "json",
    )  # fmt: skip
    assert (ran.code, report(ran)["frames"]) == (0, ["bikes.mp4#62", "bikes.mp4#187"])


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("--graph", "none"), 3, "no graph 'none'; the bundle has keyframe, "),
        (("--frames", "3"), 3, "3 frames were asked for, but "),
        (("--video", "missing.mp4"), 3, "can't read missing.mp4"),
    ],
)
def test_mistakes_are_one_line(small_bundle: Path, options: tuple, code: int, message: str):
    ran = run("ranges", small_bundle, *options)
    assert (ran.code, ran.out) == (code, "")
    assert message in ran.err
    assert len(ran.err.splitlines()) == 1

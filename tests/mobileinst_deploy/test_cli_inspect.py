"""What `mobileinst inspect` prints about a bundle."""

import json
from collections import Counter
from pathlib import Path

import onnx
import pytest

from tests.command import run
from tests.export.tampering import edit_manifest

GRAPHS = ["keyframe", "reuse_plain", "fold", "reuse_folded", "keyframe_literal"]
VERIFIED = "Every file, contract and golden tensor is as the manifest says.\n"


def test_json_has_the_whole_manifest(small_bundle: Path):
    ran = run("inspect", small_bundle, "--format", "json")
    report = json.loads(ran.out)
    assert (ran.code, ran.err) == (0, VERIFIED)
    assert report["ok"] is True
    assert report["problems"] == []
    assert sorted(report["graphs"]) == sorted(GRAPHS)
    keyframe = report["graphs"]["keyframe"]
    assert [spec["name"] for spec in keyframe["inputs"]] == ["image"]
    assert keyframe["inputs"][0]["shape"] == [1, 3, 96, 160]
    assert [spec["name"] for spec in keyframe["outputs"]] == [
        "class_logits",
        "objectness",
        "kernels",
        "mask_logits",
    ]
    assert keyframe["artifacts"][0]["files"][0]["file"] == "keyframe.onnx"
    assert "ops" not in keyframe


def test_table_names_graphs_tensors_and_state(small_bundle: Path):
    ran = run("inspect", small_bundle)
    assert (ran.code, ran.err) == (0, VERIFIED)
    assert all(f" {graph} " in ran.out for graph in GRAPHS)
    assert "image 1x3x96x160" in ran.out
    assert "keyframe.kernels" in ran.out
    assert "astronaut.jpg#0, chelsea.jpg#0" in ran.out
    assert "\N{HORIZONTAL ELLIPSIS}" not in ran.out


def test_ops_are_counted(small_bundle: Path):
    ran = run("inspect", small_bundle, "--ops", "--format", "json")
    for name, graph in json.loads(ran.out)["graphs"].items():
        nodes = onnx.load(small_bundle / f"{name}.onnx").graph.node
        assert graph["ops"] == Counter(node.op_type for node in nodes)
    table = run("inspect", small_bundle, "--ops").out
    assert "Operations" in table
    assert any(line.split()[1:2] == ["Conv"] for line in table.splitlines())


@pytest.mark.parametrize("source", ["[/red] ends", "[bold]", "a:smile:b", "two\nlines"])
def test_names_are_shown_as_they_are(bundle_copy: Path, source: str):
    edit_manifest(bundle_copy, lambda plain: plain["golden"][0].update(source=source))
    ran = run("inspect", bundle_copy)
    assert ran.code == 0
    assert source.splitlines()[0] in ran.out


def test_problems_come_in_json_and_not_as_a_table(bundle_copy: Path):
    (bundle_copy / "notes.txt").write_text("mine")
    (bundle_copy / "fold.onnx").unlink()
    ran = run("inspect", bundle_copy, "--format", "json")
    report = json.loads(ran.out)
    assert (ran.code, report["ok"]) == (3, False)
    assert [Path(line.split(" is ")[0]).name for line in report["problems"]] == [
        "fold.onnx",
        "notes.txt",
    ]
    assert ran.err == f"Error: {'; '.join(report['problems'])}\n"
    assert run("inspect", bundle_copy).out == ""

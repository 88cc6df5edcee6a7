"""What `mobileinst export`'s options do to the bundle, on which parity passes."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from safetensors import safe_open
from safetensors.torch import load_file

from export.bundle import Subject
from export.manifest import MANIFEST_NAME, digest
from export.stand_in import stand_in
from mobileinst_deploy import exporting
from mobileinst_deploy.cli.export import choose_formats
from models import zoo
from models.checkpoint import save_weights
from tests.clips import clip
from tests.command import Ran, run

MODEL = "mobileinst-topformer-t"


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights as a user would bring them."""
    path = tmp_path_factory.mktemp("trained") / "mine.safetensors"
    network = stand_in(zoo.build(zoo.find(MODEL), 5), exporting.calibration_images(), 5)
    save_weights(network, path)
    return path


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory, checkpoint: Path) -> tuple[Path, Ran]:
    """With every option, in the place of an older bundle."""
    bundle = tmp_path_factory.mktemp("bundles") / "street [1]"
    bundle.mkdir()
    (bundle / MANIFEST_NAME).write_text('{"schema_version": 0}')
    size = ["--size", "64x96", "--bake", "--source-size", "180x320", "--resize", "stretch"]
    inputs = ["--video", clip("bikes"), "--frames", 2, "--weights", checkpoint]
    graphs = ["--kernels", "dynamic", "--opset", 20, "--targets", "onnx"]
    ran = run("export", MODEL, "-o", bundle, *size, *inputs, *graphs, "--overwrite")
    assert ran.code == 0, ran.err
    return bundle, ran


@pytest.fixture
def manifest(exported: tuple[Path, Ran]) -> dict[str, Any]:
    return json.loads((exported[0] / MANIFEST_NAME).read_text())


def shapes(manifest: dict[str, Any], graph: str, kind: str) -> dict[str, tuple[list[Any], str]]:
    return {s["name"]: (s["shape"], s["dtype"]) for s in manifest["graphs"][graph][kind]}


def test_baked_graphs_take_the_picture(manifest: dict[str, Any]):
    assert manifest["preprocessing_baked"] is True
    for graph in ("keyframe", "reuse_plain", "reuse_folded"):
        assert shapes(manifest, graph, "inputs")["image"] == ([1, 180, 320, 3], "uint8")


def test_size_and_resize_rule(manifest: dict[str, Any]):
    preprocessing = manifest["preprocessing"]
    assert (preprocessing["height"], preprocessing["width"]) == (64, 96)
    assert preprocessing["resize"] == "stretch"
    masks = shapes(manifest, "keyframe", "outputs")["mask_logits"]
    assert masks == ([1, 100, 8, 12], "float32")


def test_dynamic_kernels_stay_free(manifest: dict[str, Any]):
    assert manifest["kernels"]["count"] is None
    assert shapes(manifest, "fold", "inputs") == {"kernels": ([1, "n", 256], "float32")}


def test_graphs_and_operator_set(manifest: dict[str, Any]):
    assert sorted(manifest["graphs"]) == ["fold", "keyframe", "reuse_folded", "reuse_plain"]
    artifacts = [graph["artifacts"][0] for graph in manifest["graphs"].values()]
    assert {artifact["settings"]["opset"] for artifact in artifacts} == {20}


def test_frames_come_from_the_video(exported: tuple[Path, Ran], manifest: dict[str, Any]):
    golden = manifest["golden"]
    assert [(g["source"], g["frame"]) for g in golden] == [("bikes.mp4", 62), ("bikes.mp4", 187)]
    with safe_open(exported[0] / golden[0]["reference"]["file"], "np") as file:
        assert file.get_slice("picture").get_shape() == [180, 320, 3]


def test_weights_are_the_users(
    exported: tuple[Path, Ran], manifest: dict[str, Any], checkpoint: Path
):
    weights = manifest["model"]["weights"]
    assert weights["source"] == "mine.safetensors"
    assert weights["source_sha256"] == digest(checkpoint)
    got, wanted = load_file(exported[0] / "weights.safetensors"), load_file(checkpoint)
    assert got.keys() == wanted.keys()
    assert all((got[name] == wanted[name]).all() for name in wanted)


def test_the_next_command_can_be_pasted(exported: tuple[Path, Ran]):
    bundle, ran = exported
    assert ran.err == f"Next: mobileinst parity '{bundle}'\n"
    assert "Graphs of street [1]" in ran.out


def test_nothing_is_left_beside_the_bundle(exported: tuple[Path, Ran]):
    assert list(exported[0].parent.iterdir()) == [exported[0]]


def test_inspect_and_parity_agree(exported: tuple[Path, Ran]):
    bundle, _ = exported
    assert run("inspect", bundle).code == 0
    ran = run("parity", bundle, "--sequence", 1)
    assert ran.code == 0, ran.out + ran.err
    assert ran.err == f"Next: {shlex.join(['mobileinst', 'bench', str(bundle)])}\n"


def test_a_seed_stands_for_one_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    subjects: list[Subject] = []

    class Enough(Exception):
        """In the place of writing the bundle."""

    def write(subject: Subject, *_, **__) -> None:
        subjects.append(subject)
        raise Enough

    monkeypatch.setattr(exporting, "write_bundle", write)
    for seed, size in ((7, "64x96"), (7, "96x64"), (8, "64x96")):
        with pytest.raises(Enough):
            run("export", MODEL, "-o", tmp_path / "out", "--seed", seed, "--size", size)
    first, again, other = (subject.network.heads.classify.weight for subject in subjects)
    assert (first == again).all()
    assert (first != other).any()
    assert {(s.weights_source, s.weights_sha256) for s in subjects} == {("seeded", None)}


def test_untrained_weights_are_noted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, small_bundle):
    from export.manifest import open_bundle

    monkeypatch.setattr(exporting, "write_bundle", lambda *_, **__: open_bundle(small_bundle))
    ran = run("export", MODEL, "-o", tmp_path / "out", "--size", "32x32", "--frames", 1)
    assert ran.code == 0
    note, hint = ran.err.splitlines()
    assert note.startswith("Note: no --weights were given")
    assert hint == f"Next: mobileinst parity {small_bundle}"


WRONG = [
    ("--targets onnx --precisions fp16-storage", "fp16-storage needs --targets ncnn or tnn"),
    ("--targets onnx,tnn --precisions fp32,fp16", "fp16 needs --targets ncnn"),
    ("--bake --precisions fp16", "fp16 needs --targets ncnn"),
    (
        "--bake --targets onnx,ncnn",
        "ncnn takes float32 alone: export it without --bake, and let ncnn::",
    ),
    ("--precisions int9", "unknown precision 'int9': known are fp32, fp16-storage, fp16, int8"),
    ("--precisions fp32,", "unknown precision ''"),
    ("--targets ncnn,,tnn", "unknown target ''"),
    ("--targets NCNN", "unknown target 'NCNN': known are onnx, ncnn, tnn"),
]


@pytest.mark.parametrize(("options", "says"), WRONG)
def test_formats_that_can_not_be(tmp_path: Path, options: str, says: str):
    ran = run("export", MODEL, "-o", tmp_path / "out", *options.split())
    assert ran.code == 2
    assert says in ran.err
    assert ran.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


CHOSEN = [
    (None, None, False, "onnx ncnn tnn", "fp32 fp16-storage"),
    (None, None, True, "onnx tnn", "fp32 fp16-storage"),
    (("ncnn",), ("int8",), False, "ncnn", "int8"),
    (("tnn",), None, True, "tnn", "fp32 fp16-storage"),
    (("tnn", "onnx"), ("fp32",), False, "tnn onnx", "fp32"),
]


@pytest.mark.parametrize(("targets", "precisions", "bake", "kinds", "precise"), CHOSEN)
def test_formats_are_chosen(targets, precisions, bake: bool, kinds: str, precise: str):
    formats = choose_formats(targets, precisions, bake)
    assert " ".join(formats.targets) == kinds
    assert " ".join(formats.precisions) == precise
    assert formats.has("onnx")  # the others are made of it
    assert formats.has("tnn", "fp32") == ("tnn" in kinds)
    assert not formats.has("tnn", "int8")

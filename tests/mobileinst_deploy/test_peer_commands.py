"""What the commands make of a peer's bundle: what needs no kernel that lives on works."""

import json
import shutil
from pathlib import Path

import pytest

from export.formats import ONNX_ALONE
from mobileinst_deploy import sample_frames
from tests.clips import clip
from tests.command import run
from tests.export.small_peers import write_peer
from tests.export.tampering import edit_manifest
from tests.mobileinst_deploy.refusal import Capture, Prepare, refused, row

CLIP = clip("bikes")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SOLOv2, which does not even have class logits of that name. Not to be changed."""
    return write_peer("solov2", tmp_path_factory.mktemp("peers") / "solov2", ONNX_ALONE).path


def test_parity_on_frames_of_a_video(bundle: Path):
    ran = run("parity", bundle, "--video", CLIP, "--frames", 2, "--runtimes", "onnxruntime,torch",
              "--format", "json")  # fmt: skip
    assert ran.code == 0, ran.err
    report = json.loads(ran.out)
    compared = {(c["runtime"], c["graph"]) for c in report["comparisons"]}
    assert {("onnxruntime", "masks"), ("torch", "keyframe")} <= compared


def test_bench_has_both_graphs(bundle: Path):
    ran = run("bench", bundle, "--runtime", "onnxruntime", "--iterations", 3, "--warmup", 0,
              "--format", "json")  # fmt: skip
    assert ran.code == 0, ran.err
    assert sorted(json.loads(ran.out)["graphs"]) == ["keyframe", "masks"]


def test_inspect_says_what_it_is(bundle: Path):
    ran = run("inspect", bundle)
    assert ran.code == 0, ran.err
    lines = [line.split() for line in ran.out.splitlines()]
    assert ["architecture", "solov2"] in lines
    assert ["instances", "6"] in lines
    assert "live kernels" not in ran.out
    assert "State between graphs" not in ran.out


@pytest.fixture
def here(bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with "bundle", which may be changed, and a training run's config."""
    shutil.copytree(bundle, tmp_path / "bundle")
    (tmp_path / "run.toml").write_text(RUN)
    (tmp_path / "truth.json").write_text(json.dumps(TRUTH))
    shutil.copy(PHOTOGRAPH, tmp_path)
    monkeypatch.chdir(tmp_path)


PHOTOGRAPH = Path(sample_frames.__file__).with_name("chelsea.jpg")
TRUTH = {
    "images": [{"id": 1, "file_name": PHOTOGRAPH.name, "width": 451, "height": 300}],
    "annotations": [
        {
            "id": 1,
            "image_id": 1,
            "category_id": 1,
            "segmentation": [[10, 10, 60, 10, 60, 60]],
            "area": 1250,
            "bbox": [10, 10, 50, 50],
            "iscrowd": 0,
        }
    ],
    "categories": [{"id": 1, "name": "cat"}],
}
RUN = """model = "yolact-resnet50"
schedule = { iterations = 1, batch_size = 1 }
data = { layout = "coco", document = "a.json", pictures = "." }
"""
REUSE = r"bundle: {} needs kernels that live on .*solov2-small \(solov2\) has none: take a bundle"


def model(**change: object) -> Prepare:
    """Puts something else into the manifest's model."""
    return lambda: edit_manifest(Path("bundle"), lambda manifest: manifest["model"].update(change))


ROWS = [
    row("track", "track bundle {clip} -o out.mp4", 3, REUSE.format("tracking or evaluation")),
    row("eval", "eval bundle --ground-truth truth.json --pictures .", 3,
        REUSE.format("tracking or evaluation")),
    row("curve", "curve bundle --video {clip}", 3, REUSE.format("tracking")),
    row("preview", "preview bundle --video {clip} -o out.png", 3, REUSE.format("a preview")),
    row("sequence", "parity bundle --sequence 2", 3, REUSE.format("--sequence")),
    row("train", "train run.toml -o run", 3, "yolact-resnet50 is a yolact network, expected a Mob"),
    row("kernels", "export yolact-resnet50 -o out --kernels 5", 2,
        "--kernels says nothing about yolact-resnet50: it goes with mobileinst "),
    row("literal", "export condinst-topformer-b -o out --literal", 2,
        "--literal says nothing about condinst-topformer-b: it goes with mobileinst "),
    row("instances", "export mobileinst-topformer-t -o out --instances 5", 2,
        "--instances says nothing about .*: it goes with condinst, crossvis, solov2 "),
    row("architecture", "parity bundle", 3,
        "unknown architecture 'detr': the known ones are mobileinst, ", model(architecture="detr")),
    row("another's config", "parity bundle", 3, "the model 'solov2-small' can't be rebuilt",
        model(architecture="yolact")),
    row("classes", "parity bundle", 3, "num_classes is -1, expected 1 to 4096",
        model(config={"num_classes": -1})),
    row("backbone", "parity bundle", 3, "unknown backbone 'vgg'",
        model(config={"backbone": "vgg"})),
]  # fmt: skip


@pytest.mark.parametrize(("command", "code", "says", "prepare"), ROWS)
def test_refusals(here: None, command: str, code: int, says: str, prepare: Prepare, capfd: Capture):
    prepare()
    refused(command, code, says, capfd)

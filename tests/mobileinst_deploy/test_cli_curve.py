"""`mobileinst curve` as a user runs it."""

import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from mobileinst_deploy.curve.result import CurveResult
from models.categories import COCO
from tests.clips import clip
from tests.command import run
from tests.export.tampering import rehash
from tests.mobileinst_deploy.refusal import Capture, Prepare, refused, row

# Drawn weights: scores lie below the defaults, and all kernels are much alike.
OPEN = ("--score", "0", "--birth", "0", "--similarity", "0.9", "--warmup", "1")
DISTINCT = ("--duplicate", "0.99")


def video(frames: int = 4) -> tuple[object, ...]:
    return ("--video", clip("bikes"), "--frames", frames)


@pytest.fixture(scope="module")
def saved(phone_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What is printed, and the folder with what is saved."""
    folder = tmp_path_factory.mktemp("curve")
    ran = run(
        *("curve", phone_bundle, *video(), *OPEN, *DISTINCT, "--keyframe-interval", "3,2"),
        *("--runtime", "ncnn,onnxruntime", "--adaptive", "2:3"),
        *("-o", folder / "curve.json", "--plot", folder / "curve.png"),
    )
    assert ran.code == 0, ran.err
    saved, drawn, then = ran.err.splitlines()
    assert (saved, drawn) == (f"Saved {folder / 'curve.json'}", f"Saved {folder / 'curve.png'}")
    assert then == f"Next: mobileinst track {phone_bundle} {clip('bikes')} -o tracked.mp4"
    return ran.out, folder


def read(folder: Path) -> CurveResult:
    return msgspec.json.decode((folder / "curve.json").read_bytes(), type=CurveResult)


def test_every_runtime_has_every_interval(saved: tuple[str, Path]):
    found = read(saved[1])
    assert [*found.runtimes] == ["ncnn", "onnxruntime"]
    for curve in found.runtimes.values():
        assert [*curve.points] == ["1", "2", "3", "2:3"]
        assert curve.points["3"].samples.keyframes == (True, False, False, True)
        assert all(point.graphs.ms > 0 for point in curve.points.values())
    assert found.conditions.runtime_version.startswith("ncnn 1.0.")
    assert (found.tracking.similarity, found.tracking.duplicate) == (0.9, 0.99)


def test_runtimes_agree(saved: tuple[str, Path]):
    """They compute the same, so that T costs them the same agreement."""
    ncnn, onnxruntime = read(saved[1]).runtimes.values()
    for interval, point in ncnn.points.items():
        other = onnxruntime.points[interval].agreement
        assert point.agreement.mask_iou == pytest.approx(other.mask_iou, abs=0.02)


def test_tables_are_printed_and_a_picture_is_drawn(saved: tuple[str, Path]):
    printed, folder = saved
    assert "in ncnn: mean cost of a frame in ms" in printed
    assert "Agreement with T = 1" in printed
    assert sorted(path.name for path in folder.iterdir()) == ["curve.json", "curve.png"]


def dataset(folder: Path) -> Path:
    """Synthetic clips whose categories are those that the network has."""
    ran = run("synthesise", "-o", folder, "--clips", 3, "--frames", 4, "--size", "96x160")
    assert ran.code == 0, ran.err
    document = json.loads((folder / "instances.json").read_text())
    document["categories"] = [{"id": one.id, "name": one.name} for one in COCO]
    for annotation in document["annotations"]:
        annotation["category_id"] = 1
    (folder / "instances.json").write_text(json.dumps(document))
    return folder


def test_scores_come_with_ground_truth(small_bundle: Path, tmp_path: Path):
    folder = dataset(tmp_path / "clips")
    ran = run(
        *("curve", small_bundle, "--ground-truth", folder / "instances.json", *OPEN),
        *("--pictures", folder / "JPEGImages", "--videos", 2, "--keyframe-interval", 2),
        *("--format", "json"),
    )
    assert ran.code == 0, ran.err
    found = msgspec.json.decode(ran.out, type=CurveResult)
    assert (found.videos, found.frames) == (2, 8)
    for point in found.runtimes["onnxruntime"].points.values():
        assert point.scores is not None
        assert 0 <= point.scores.ap < 0.2  # drawn weights find next to nothing
        assert point.keyframes in (4, 8)


def spoiled_fold() -> None:
    path = Path("bundle/fold.onnx")
    model = onnx.load(path)
    weights = model.graph.initializer[0]
    values = np.full_like(numpy_helper.to_array(weights), np.nan)
    weights.CopyFrom(numpy_helper.from_array(values, weights.name))
    path.unlink()
    onnx.save(model, path)
    rehash(Path("bundle"))


def truth(**changes: object) -> Prepare:
    def prepare() -> None:
        names = ["a/0.png", "a/1.png"]
        video = {"id": 1, "width": 5, "height": 4, "length": 2, "file_names": names}
        categories = [{"id": one.id, "name": one.name} for one in COCO]
        document = {"videos": [video], "categories": categories, "annotations": []} | changes
        Path("truth.json").write_text(json.dumps(document))

    return prepare


LONG = {"id": 1, "width": 5, "height": 4, "length": 1, "file_names": ["a" * 5000]}
WALK = "curve bundle --video {clip} --frames 4 --warmup 0 --score 0 --birth 0"
JUDGE = "curve bundle --ground-truth truth.json --pictures ."
REFUSALS = [
    row("no frames", "curve bundle", 2, "give either --video, or --ground-truth with --pictures"),
    row("two sources", f"{WALK} --ground-truth x --pictures .", 2, "give either --video"),
    row("no pictures", "curve bundle --ground-truth x", 2, "--ground-truth needs --pictures"),
    row("frames of ground truth", f"{JUDGE} --frames 4", 2, "--frames needs --video"),
    row("videos of a video", f"{WALK} --videos 4", 2, "--videos needs --ground-truth"),
    row("T is 0", f"{WALK} --keyframe-interval 0", 2, "whole numbers from 1 .* got '0'"),
    row("T is a word", f"{WALK} --keyframe-interval 1,a", 2, "got 'a'"),
    row("no T", f"{WALK} --keyframe-interval ''", 2, "got ''"),
    row("T is huge", f"{WALK} --keyframe-interval 1{'0' * 99}", 2, "whole numbers from 1 to 9999"),
    row("T twice", f"{WALK} --keyframe-interval 2,3,2", 2, "2 is there twice"),
    row("adaptive the wrong way", f"{WALK} --adaptive 9:2", 2, "the shorter one first.* '9:2'"),
    row("adaptive without an end", f"{WALK} --adaptive 2", 2, "expected two intervals"),
    row("nan", f"{WALK} --mask nan", 2, "nan is not a number"),
    row("a cosine below -1", f"{WALK} --duplicate -1.1", 2, "-1.1 is not in the range -1<=x<=1"),
    row("an unknown runtime", f"{WALK} --runtime x", 2, "unknown runtime 'x': known are torch"),
    row("emulated", f"{WALK} --runtime fp16-emulation", 2, "unknown runtime"),
    row("no picture format", f"{WALK} --plot curve.pdf", 2, r"curve\.pdf has to end in \.png or"),
    row("no such folder", f"{WALK} -o no/curve.json", 2, "there is no folder no"),
    row("one file for both", f"{WALK} -o c.png --plot c.png", 2, "--output and --plot name the"),
    row("no bundle", "curve nothing --video {clip}", 3, "nothing"),
    row("no such core", f"{WALK} --keyframe-interval 2 --core 4096", 5, "core 4096 was asked for"),
    row("a short video", "curve bundle --video {clip} --start 200", 3, "has 50 frames from"),
    row("T as long as the video", f"{WALK} --keyframe-interval 4", 3, "more than 4 frames, got 4"),
    row("no video", "curve bundle --video none.mp4", 3, r"can't read none\.mp4"),
    row("no live kernel", f"{WALK} --keyframe-interval 2 --birth 1", 4, "lower --score"),
    row("nan in a graph", f"{WALK} --keyframe-interval 2", 4, "bikes.mp4#0: graph 'fold' gives NaN",
        spoiled_fold),
    row("no ground truth", JUDGE, 3, r"can't read truth\.json"),
    row("other categories", JUDGE, 3, "1 categories, but the bundle's network has 80",
        truth(categories=[{"id": 1, "name": "x"}])),
    row("no videos", JUDGE, 3, r"truth\.json is not ground truth .*videos", truth(videos=[])),
    row("a name too long", JUDGE, 3, "there is no a{5000}, which video 1", truth(videos=[LONG])),
    row("missing pictures", JUDGE, 3, r"there is no a/0\.png, which video 1", truth()),
    row("files of ncnn", f"{WALK} --keyframe-interval 2 --runtime ncnn", 3, "ncnn"),
]  # fmt: skip


@pytest.mark.parametrize(("command", "code", "says", "prepare"), REFUSALS)
def test_refusals(
    workplace: Path, capfd: Capture, command: str, code: int, says: str, prepare: Prepare
):
    prepare()
    refused(command, code, says, capfd)


def test_what_is_there_is_kept(small_bundle: Path, tmp_path: Path):
    kept = tmp_path / "curve.json"
    kept.write_text("mine")
    ran = run("curve", small_bundle, *video(), *OPEN, "-o", kept)
    assert (ran.code, kept.read_text()) == (2, "mine")
    assert "give --overwrite to replace it" in ran.err


def test_an_interrupted_curve_leaves_nothing(small_bundle: Path, tmp_path: Path):
    options = (*video(200), *OPEN, "-o", tmp_path / "curve.json", "--plot", tmp_path / "curve.png")
    pipe, command = subprocess.PIPE, Path(sys.executable).with_name("mobileinst")
    heed = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(
        [command, "curve", small_bundle, *map(str, options)],
        stdout=pipe,
        stderr=pipe,
        text=True,
        preexec_fn=heed,
    ) as process:
        wait_for_cores(process.pid, 1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, ""), err
    assert err == "Interrupted: nothing is left half written.\n"
    assert not [*tmp_path.iterdir()]


def wait_for_cores(pid: int, count: int) -> None:
    """Until it keeps to so few: then it loads graphs, or walks."""
    deadline_s = time.monotonic() + 60
    while len(os.sched_getaffinity(pid)) > count:
        assert time.monotonic() < deadline_s
        time.sleep(0.05)


def test_without_matplotlib_nothing_is_measured(
    small_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in ("mobileinst_deploy.curve.plot", "matplotlib.axes", "matplotlib.figure"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    ran = run("curve", small_bundle, *video(), "--plot", tmp_path / "curve.png")
    assert ran.code == 3
    assert "this command needs matplotlib" in ran.err
    assert not [*tmp_path.iterdir()]


def test_help_has_an_example():
    ran = run("curve", "--help")
    assert ran.code == 0
    assert "mobileinst curve out/base --video street.mp4" in ran.out

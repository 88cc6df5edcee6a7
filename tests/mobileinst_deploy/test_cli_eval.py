"""`mobileinst eval` as a user runs it."""

import copy
import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import cv2
import pytest

from mobileinst_deploy.tracking.rle import area
from models.categories import COCO
from tests.clips import clip
from tests.command import run
from tests.export.tampering import edit_manifest, rehash
from tests.mobileinst_deploy.evaluation.picture_sets import by_pycocotools
from tests.mobileinst_deploy.evaluation.pixel_pictures import write_dataset
from tests.mobileinst_deploy.tracking.pixel_bundle import write_pixel_bundle

# Drawn weights: scores lie below the defaults, and all kernels are much alike.
OPEN = ("--score", "0", "--birth", "0", "--similarity", "0.9")
LENGTH, SIDES = 4, (96, 160)


@dataclass(frozen=True)
class Videos:
    """Ground truth that is what ONNX Runtime found, so that it is right by definition."""

    truth: Path
    pictures: Path
    results: Path


@pytest.fixture(scope="module")
def videos(small_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Videos:
    folder = tmp_path_factory.mktemp("videos")
    made = Videos(folder / "instances.json", folder / "JPEGImages", folder / "tracks.json")
    names = write_frames(made.pictures / "bikes")
    ran = run(
        *("track", small_bundle, made.pictures / "bikes", "-T", 2),
        *("--json", made.results, *OPEN),
    )
    assert ran.code == 0, ran.err
    height, width = SIDES
    video = {"id": 1, "height": height, "width": width, "length": LENGTH, "file_names": names}
    document = {
        "videos": [video],
        "categories": [one._asdict() for one in COCO],
        "annotations": [
            {**track, "id": number, "areas": [*map(pixels, track["segmentations"])]}
            for number, track in enumerate(json.loads(made.results.read_text()), start=1)
        ],
    }
    made.truth.write_text(json.dumps(document))
    return made


def write_frames(folder: Path) -> list[str]:
    folder.mkdir(parents=True)
    capture, names = cv2.VideoCapture(str(clip("bikes"))), []
    for index in range(LENGTH):
        _, picture = capture.read()
        names.append(f"{folder.name}/{index:05}.png")
        cv2.imwrite(str(folder.parent / names[-1]), cv2.resize(picture, SIDES[::-1]))
    return names


def pixels(segmentation: dict | None) -> int | None:
    return area(segmentation["counts"], *SIDES) if segmentation else None


def evaluate(bundle: Path, videos: Videos, *options: object):
    data = ("--ground-truth", videos.truth, "--pictures", videos.pictures)
    return run("eval", bundle, *data, *OPEN, *options)


def test_the_artifact_finds_what_pytorch_finds(small_bundle: Path, videos: Videos, tmp_path: Path):
    saved = tmp_path / "scores.json"
    options = ("--runtime", "onnxruntime,torch", "-T", "2,1", "--max-drop", "1")
    ran = evaluate(small_bundle, videos, *options, "-o", saved, "--format", "json")
    assert (ran.code, ran.err) == (0, f"Saved {saved}\n")
    assert ran.out == saved.read_text()
    rows = json.loads(ran.out)["rows"]
    names = [(one["of"]["runtime"], one["of"]["interval"]) for one in rows]
    assert names == [("onnxruntime", 2), ("onnxruntime", 1), ("torch", 2), ("torch", 1)]
    first, other, torch, _ = (one["scores"]["ap"] for one in rows)
    assert first == pytest.approx(1)
    assert torch == pytest.approx(1, abs=0.01)
    assert other < 1  # T = 1 has masks of its own in the second frame
    assert rows[2]["ap_difference"] == pytest.approx(100 * (torch - first))


def test_tracks_of_right_masks_and_wrong_classes(
    small_bundle: Path, videos: Videos, tmp_path: Path
):
    document = json.loads(videos.truth.read_text())
    found = {one["category_id"] for one in document["annotations"]}
    other = next(one["id"] for one in document["categories"] if one["id"] not in found)
    renamed = [one | {"category_id": other} for one in document["annotations"]]
    wrong = replace(videos, truth=tmp_path / "wrong.json")
    wrong.truth.write_text(json.dumps(document | {"annotations": renamed}))
    options = ("-T", 2, "--format", "json")
    named, alike = (
        json.loads(evaluate(small_bundle, wrong, *options, *more).out)["rows"][0]
        for more in ((), ("--class-agnostic",))
    )
    assert (named["scores"]["ap"], alike["scores"]["ap"]) == (0, pytest.approx(1))
    assert alike["categories"] == [{"id": 1, "name": "any", "ap": alike["scores"]["ap"]}]


def test_tracks_of_any_program(videos: Videos):
    ran = run("eval", "--results", videos.results, "--ground-truth", videos.truth, "--per-category")
    assert (ran.code, ran.err) == (0, "")
    assert "tracks.json on instances.json, in percent" in ran.out
    assert "100.0" in ran.out
    assert "AP of each category" in ran.out
    assert "Tracker:" not in ran.out


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict, list[dict]]:
    """A folder with a bundle, pictures and ground truth; the truth; what the bundle finds."""
    folder = tmp_path_factory.mktemp("pictures")
    write_pixel_bundle(folder / "bundle")
    return folder, *write_dataset(folder / "data", 5, 40)


def add_worse_files(bundle: Path) -> None:
    """As ncnn:fp16-storage, in which each class has the next one's logit."""
    worse = (bundle / "keyframe.param").read_text().replace("class_logits 0=0", "class_logits 0=1")
    (bundle / "worse.param").write_text(worse)

    def change(manifest: dict) -> None:
        for graph in manifest["graphs"].values():
            added = {**copy.deepcopy(graph["artifacts"][0]), "precision": "fp16-storage"}
            graph["artifacts"].append(added)
        manifest["graphs"]["keyframe"]["artifacts"][1]["files"][0]["file"] = "worse.param"

    edit_manifest(bundle, change)
    rehash(bundle)


def test_a_worse_artifact_is_found_out(pictures: tuple[Path, dict, list[dict]], tmp_path: Path):
    bundle, data = tmp_path / "bundle", pictures[0] / "data"
    write_pixel_bundle(bundle)
    add_worse_files(bundle)
    options = ("--ground-truth", data / "instances.json", "--pictures", data / "pictures")
    runtimes = ("--runtime", "ncnn,ncnn:fp16-storage", "--max-drop")
    ran = run("eval", bundle, *options, *runtimes, "10")
    assert ran.code == 1
    says = r"ncnn:fp16-storage: AP is \d+\.\d\d points below ncnn's, more than 10\n"
    assert re.fullmatch(says, ran.err), ran.err
    assert "to the first" in ran.out
    assert run("eval", bundle, *options, *runtimes, "100").code == 0


def test_single_pictures_equal_pycocotools(pictures: tuple[Path, dict, list[dict]], tmp_path: Path):
    folder, truth, rows = pictures
    ran = run(
        *("eval", folder / "bundle", "--ground-truth", folder / "data" / "instances.json"),
        *("--pictures", folder / "data" / "pictures", "--runtime", "ncnn", "--format", "json"),
    )
    assert (ran.code, ran.err) == (0, "")
    report = json.loads(ran.out)
    expected = by_pycocotools(truth, rows, tmp_path)
    found = tuple(report["rows"][0]["scores"].values())
    assert found == tuple(one if one is None else pytest.approx(one, abs=1e-9) for one in expected)
    assert 0.2 < expected[0] < 0.9
    assert (report["truth"]["layout"], report["truth"]["pictures"]) == ("coco", 40)
    assert report["rows"][0]["found"] == len(rows)


def test_results_in_single_pictures(pictures: tuple[Path, dict, list[dict]], tmp_path: Path):
    folder, truth, rows = pictures
    expected = by_pycocotools(truth, rows, tmp_path)
    ran = run(
        *("eval", "--results", tmp_path / "results.json", "--format", "json"),
        *("--ground-truth", folder / "data" / "instances.json"),
    )
    assert (ran.code, ran.err) == (0, "")
    assert tuple(json.loads(ran.out)["rows"][0]["scores"].values()) == expected


def test_the_first_images_alone(pictures: tuple[Path, dict, list[dict]]):
    folder = pictures[0]
    ran = run(
        *("eval", folder / "bundle", "--ground-truth", folder / "data" / "instances.json"),
        *("--pictures", folder / "data" / "pictures", "--runtime", "ncnn", "--images", 7),
    )
    assert ran.code == 0, ran.err
    assert "7 pictures, " in ran.out
    assert "APs" in ran.out


def test_without_trackeval_nothing_is_run(videos: Videos, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "trackeval", None)
    ran = run("eval", "--results", videos.results, "--ground-truth", videos.truth, "--hota")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith("Error: HOTA needs trackeval, which is not installed: pip install")


def test_identities_come_with_trackeval(videos: Videos):
    pytest.importorskip("trackeval", reason="the extra hota, trackeval, is not installed")
    ran = run(
        *("eval", "--results", videos.results, "--ground-truth", videos.truth, "--hota"),
        *("--format", "json"),
    )
    assert (ran.code, ran.err) == (0, "")
    (row,) = json.loads(ran.out)["rows"]
    assert row["identities"] == pytest.approx({"hota": 1, "det_a": 1, "ass_a": 1, "idf1": 1})


def test_what_is_there_is_kept(videos: Videos, tmp_path: Path):
    kept = tmp_path / "scores.json"
    kept.write_text("mine")
    options = ("--results", videos.results, "--ground-truth", videos.truth, "-o", kept)
    ran = run("eval", *options)
    assert (ran.code, kept.read_text()) == (2, "mine")
    assert "give --overwrite to replace it" in ran.err
    assert run("eval", *options, "--overwrite").code == 0
    assert json.loads(kept.read_text())["subject"] == "tracks.json"


def test_an_interrupted_run_leaves_nothing(small_bundle: Path, videos: Videos, tmp_path: Path):
    """It gets its ground truth through a pipe, and is stopped after that: it loads or walks."""
    truth, output = tmp_path / "truth", tmp_path / "scores.json"
    os.mkfifo(truth)
    data = ("--ground-truth", truth, "--pictures", videos.pictures, "-o", output)
    command = Path(sys.executable).with_name("mobileinst")
    intervals = ",".join(map(str, range(1, 1000)))
    with subprocess.Popen(
        [command, "eval", small_bundle, *map(str, data), "-T", intervals],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    ) as process:
        truth.write_bytes(videos.truth.read_bytes())
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, ""), err
    assert err == "Interrupted: nothing is left half written.\n"
    assert [*tmp_path.iterdir()] == [truth]


def test_help_has_an_example():
    ran = run("eval", "--help")
    assert ran.code == 0
    assert "mobileinst eval out/base --ground-truth instances.json" in ran.out

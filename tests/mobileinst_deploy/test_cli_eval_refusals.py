"""What `mobileinst eval` refuses, each with one line."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.categories import COCO
from tests.mobileinst_deploy.refusal import Capture, Prepare, refused, row

CATEGORIES = [one._asdict() for one in COCO]
RLE = {"size": [4, 5], "counts": [2, 5, 13]}
VIDEO = {"id": 1, "width": 5, "height": 4, "length": 2, "file_names": ["a/0.png", "a/1.png"]}
TRACK = {"id": 1, "video_id": 1, "category_id": 1, "segmentations": [RLE, None], "areas": [5, None]}
IMAGE = {"id": 9, "width": 5, "height": 4, "file_name": "b.png"}
OBJECT = {"id": 1, "image_id": 9, "category_id": 1, "segmentation": RLE, "area": 5}


def track_truth(**changes: object) -> Prepare:
    own = {"videos": [VIDEO], "categories": CATEGORIES, "annotations": [TRACK]}
    return lambda: Path("truth.json").write_text(json.dumps(own | changes))


def image_truth(**changes: object) -> Prepare:
    own = {"images": [IMAGE], "categories": CATEGORIES, "annotations": [OBJECT]}
    return lambda: Path("truth.json").write_text(json.dumps(own | changes))


def results(truth: Prepare, *rows: dict) -> Prepare:
    def prepare() -> None:
        truth()
        Path("results.json").write_text(json.dumps(rows))

    return prepare


def with_picture(truth: Prepare, name: str, size: tuple[int, int]) -> Prepare:
    def prepare() -> None:
        truth()
        Path(name).parent.mkdir(exist_ok=True)
        cv2.imwrite(name, np.zeros((*size, 3), np.uint8))

    return prepare


FOUND = {"video_id": 1, "category_id": 1, "score": 0.5}
SHORT = {**FOUND, "segmentations": [None]}
NAN = {**FOUND, "score": float("nan"), "segmentations": [None, None]}
STRANGE = {"image_id": 9, "category_id": 2000, "score": 0.5, "segmentation": RLE}
CROWD = {**OBJECT, "iscrowd": 1}
EVAL = "eval bundle --ground-truth truth.json --pictures ."
READ = "eval --results results.json --ground-truth truth.json"
REFUSALS = [
    row("nothing to score", "eval --ground-truth truth.json", 2, "give either a BUNDLE with"),
    row("two things", f"{EVAL} --results results.json", 2, "give either a BUNDLE with --pictures"),
    row("no ground truth", "eval bundle", 2, "--ground-truth"),
    row("no pictures", "eval bundle --ground-truth truth.json", 2, "a BUNDLE needs --pictures"),
    row("a runtime of results", f"{READ} --runtime ncnn", 2, "--runtime needs a BUNDLE"),
    row("a threshold of results", f"{READ} --mask 0.5", 2, "--mask needs a BUNDLE"),
    row("T is 0", f"{EVAL} -T 0", 2, "whole numbers from 1 .* got '0'"),
    row("T twice", f"{EVAL} -T 2,2", 2, "2 is there twice"),
    row("an unknown runtime", f"{EVAL} --runtime x", 2, "unknown runtime 'x': known are torch"),
    row("one runtime to compare", f"{EVAL} --max-drop 1", 2, "--max-drop needs two runtimes"),
    row("a drop of nan", f"{EVAL} --max-drop nan", 2, "nan is not a number"),
    row("both kinds", f"{EVAL} --videos 1 --images 1", 2, "exclude each other"),
    row("no such folder", f"{EVAL} -o no/scores.json", 2, "there is no folder no"),
    row("T of images", f"{EVAL} -T 3", 2, "--keyframe-interval needs videos", image_truth()),
    row("videos of images", f"{EVAL} --videos 3", 2, "--videos needs videos", image_truth()),
    row("birth of images", f"{EVAL} --birth 0", 2, "--birth needs videos", image_truth()),
    row("kernels of images", f"{EVAL} --duplicate 0", 2, "--duplicate needs vid", image_truth()),
    row("identities of images", f"{EVAL} --hota", 2, "--hota needs videos", image_truth()),
    row("identities of results in images", f"{READ} --hota", 2, "--hota needs", image_truth()),
    row("images of videos", f"{EVAL} --images 3", 2, "--images needs single", track_truth()),
    row("no bundle", EVAL.replace("bundle", "nothing"), 3, "nothing", track_truth()),
    row("no truth", EVAL, 3, r"can't read truth\.json"),
    row("a folder as truth", EVAL.replace("truth.json", "bundle"), 3, "can't read bundle"),
    row("no layout", EVAL, 3, 'expected "videos"', lambda: Path("truth.json").write_text("{}")),
    row("not json", EVAL, 3, "is no ground truth", lambda: Path("truth.json").write_text("x")),
    row("no videos", EVAL, 3, r"layout of YouTube-VIS.*`\$\.videos`", track_truth(videos=[])),
    row("no images", EVAL, 3, r"in the layout of COCO.*`\$\.images`", image_truth(images=[])),
    row("no tracks", EVAL, 3, "has nothing to find: no annotation", track_truth(annotations=[])),
    row("crowds alone", EVAL, 3, "has nothing to find", image_truth(annotations=[CROWD])),
    row("other categories", EVAL, 3, "1 categories, but the bundle's network has 80",
        track_truth(categories=[{"id": 1, "name": "x"}])),
    row("missing frames", EVAL, 3, r"there is no a/0\.png, which video 1", track_truth()),
    row("a missing picture", EVAL, 3, r"there is no b\.png, which images\[0\] .*\(id 9\)",
        image_truth()),
    row("a picture of another size", EVAL, 3, r"b\.png is 7x6, but the ground truth says 5x4",
        with_picture(image_truth(), "b.png", (6, 7))),
    row("no results", READ, 3, r"can't read results\.json", track_truth()),
    row("too short", READ, 3, r"results\.json: \[0\]\.segmentations: .* 2 frames",
        results(track_truth(), SHORT)),
    row("nan", READ, 3, r"results\.json .*NaN at byte \d+ is no number",
        results(track_truth(), NAN)),
    row("an unknown category", READ, 3, "no category with the id 2000",
        results(image_truth(), STRANGE)),
    row("results of the other kind", READ, 3, "layout of COCO", results(image_truth(), SHORT)),
    row("no ncnn files", f"{EVAL} --runtime ncnn", 3, "ncnn",
        with_picture(image_truth(), "b.png", (4, 5))),
]  # fmt: skip


@pytest.mark.parametrize(("command", "code", "says", "prepare"), REFUSALS)
def test_refusals(
    workplace: Path, capfd: Capture, command: str, code: int, says: str, prepare: Prepare
):
    prepare()
    refused(command, code, says, capfd)

"""`mobileinst eval --class-agnostic` as a user runs it."""

import json
import re
from dataclasses import astuple
from pathlib import Path

import pytest

from mobileinst_deploy.report import reading
from tests.command import run
from tests.mobileinst_deploy.evaluation.picture_sets import by_pycocotools
from tests.mobileinst_deploy.evaluation.pixel_pictures import write_dataset
from tests.mobileinst_deploy.tracking.pixel_bundle import write_pixel_bundle

ONE = {"size": [4, 5], "counts": [2, 5, 13]}
OTHER = {"size": [4, 5], "counts": [12, 4, 4]}
NAMES = [{"id": 3, "name": "cat"}, {"id": 8, "name": "dog"}]
VIDEO = {"id": 1, "width": 5, "height": 4, "length": 2, "file_names": ["a/0.png", "a/1.png"]}
IMAGE = {"id": 1, "width": 5, "height": 4, "file_name": "a.png"}
# Every mask is right, and every class wrong.
SETS = {
    "youtube-vis": (
        {"videos": [VIDEO]},
        [
            {"video_id": 1, "category_id": 3, "segmentations": [ONE, None], "areas": [5, None]},
            {"video_id": 1, "category_id": 3, "segmentations": [OTHER, OTHER], "areas": [4, 4]},
        ],
    ),
    "coco": (
        {"images": [IMAGE]},
        [
            {"image_id": 1, "category_id": 3, "segmentation": ONE, "area": 5},
            {"image_id": 1, "category_id": 3, "segmentation": OTHER, "area": 4},
        ],
    ),
}


@pytest.fixture(params=SETS)
def wrong_names(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[object, ...]:
    """The options that name the files."""
    head, objects = SETS[request.param]
    truth, results = tmp_path / "truth.json", tmp_path / "results.json"
    rows = [{**one, "id": number} for number, one in enumerate(objects, start=1)]
    truth.write_text(json.dumps({**head, "categories": NAMES, "annotations": rows}))
    results.write_text(json.dumps([{**one, "category_id": 8, "score": 0.5} for one in objects]))
    return "--results", results, "--ground-truth", truth


@pytest.mark.parametrize(("options", "ap"), [((), 0), (("--class-agnostic",), 1)])
def test_right_masks_of_wrong_classes(wrong_names: tuple, options: tuple, ap: float):
    ran = run("eval", *wrong_names, "--format", "json", *options)
    assert (ran.code, ran.err) == (0, "")
    report = json.loads(ran.out)
    assert report["rows"][0]["scores"]["ap"] == pytest.approx(ap)
    assert (report["schema_version"], report["class_agnostic"]) == (1, bool(options))


def test_the_table_says_so(wrong_names: tuple):
    says = "2 (tracks|objects) to find; all categories count as one\n"
    named, alike = (
        run("eval", *wrong_names, "--per-category", *options).out
        for options in ((), ("--class-agnostic",))
    )
    assert "count as one" not in named
    assert "cat " in named
    assert re.search(says, alike)
    assert "any " in alike
    assert "cat " not in alike


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict, list[dict]]:
    """A folder with a bundle, pictures and ground truth; the truth; what the bundle finds."""
    folder = tmp_path_factory.mktemp("pictures")
    write_pixel_bundle(folder / "bundle")
    return folder, *write_dataset(folder / "data", 5, 10)


def evaluate(folder: Path, truth: Path, *options: object):
    data = ("--ground-truth", truth, "--pictures", folder / "data" / "pictures")
    return run("eval", folder / "bundle", *data, "--runtime", "ncnn", "--class-agnostic", *options)


def of_one_category(truth: dict, results: list[dict]) -> tuple[dict, list[dict]]:
    one = {"category_id": 1}
    annotations = [row | one for row in truth["annotations"]]
    own = {"categories": [{"id": 1, "name": "thing"}], "annotations": annotations}
    return truth | own, [row | one for row in results]


def test_a_bundle_on_pictures_equals_pycocotools(pictures: tuple, tmp_path: Path):
    folder, truth, rows = pictures
    saved = tmp_path / "scores.json"
    ran = evaluate(folder, folder / "data" / "instances.json", "-o", saved)
    assert (ran.code, ran.err) == (0, f"Saved {saved}\n")
    (report,) = reading.evaluation(saved, saved.read_bytes())  # as `mobileinst report` reads it
    expected = by_pycocotools(*of_one_category(truth, rows), tmp_path)
    assert astuple(report.rows[0].scores) == pytest.approx(expected, abs=1e-9)
    assert expected[0] != pytest.approx(by_pycocotools(truth, rows, tmp_path)[0])


def test_the_bundles_categories_are_checked_all_the_same(pictures: tuple, tmp_path: Path):
    folder, truth, rows = pictures
    other = tmp_path / "other.json"
    other.write_text(json.dumps(of_one_category(truth, rows)[0]))
    ran = evaluate(folder, other)
    assert (ran.code, ran.out) == (3, "")
    assert "has 1 categories, but the bundle's network has" in ran.err

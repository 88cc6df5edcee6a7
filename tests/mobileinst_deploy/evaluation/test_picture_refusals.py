"""Files of COCO's layout that contradict themselves or each other are refused with the place."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mobileinst_deploy.errors import InputError
from mobileinst_deploy.evaluation.layout import find_layout
from mobileinst_deploy.evaluation.picture_results import (
    check_picture_results,
    load_picture_results,
    parse_picture_results,
)
from mobileinst_deploy.evaluation.picture_truth import load_picture_truth, parse_picture_truth
from tests.mobileinst_deploy.evaluation.sets import as_json


def truth() -> dict:
    return {
        "images": [{"id": 1, "width": 5, "height": 4, "file_name": "a.jpg"}],
        "categories": [{"id": 3, "name": "cat"}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 3, "area": 5, "iscrowd": 0}
            | {"segmentation": {"size": [4, 5], "counts": [2, 5, 13]}}
        ],
    }


def result() -> dict:
    rle = {"size": [4, 5], "counts": "25="}
    return {"image_id": 1, "category_id": 3, "score": 0.5, "segmentation": rle}


def change(part: str, **values: object) -> Callable[[dict], None]:
    return lambda document: document[part][0].update(values)


def mask(segmentation: object) -> Callable[[dict], None]:
    return change("annotations", segmentation=segmentation)


def twice(part: str) -> Callable[[dict], None]:
    return lambda document: document[part].append(document[part][0])


FAR = [1.0, 1.0, 3.0, 1.0, 1e9, 3.0]
WRONG_TRUTHS = {
    "no images": (lambda t: t.update(images=[]), r"length >= 1 - at `\$\.images`"),
    "no categories": (lambda t: t.pop("categories"), "missing required field `categories`"),
    "an image twice": (twice("images"), r"images\[1\]: the id 1 is there twice"),
    "a category twice": (twice("categories"), r"categories\[1\]: the id 3 is there twice"),
    "an object twice": (twice("annotations"), r"annotations\[1\]: the id 1 is there twice"),
    "no name": (change("images", file_name=None), r"`str`, got `null` - at `\$\.images\[0\]"),
    "no width": (change("images", width=0), r"int` >= 1 - at `\$\.images\[0\]\.width`"),
    "no such image": (change("annotations", image_id=2), r"\[0\]: .* no image with the id 2"),
    "no such category": (change("annotations", category_id=2), "no category with the id 2"),
    "a negative area": (change("annotations", area=-1), r"annotations\[0\]\.area"),
    "no mask": (mask(None), r"annotations\[0\]\.segmentation"),
    "no polygon": (mask([]), r"annotations\[0\]\.segmentation"),
    "a line": (mask([[1.0, 1.0, 2.0, 2.0]]), r"segmentation\[0\]"),
    "half a point": (mask([[*FAR[:4], 1.0, 2.0, 3.0]]), r"in turn, got 7 numbers"),
    "far away": (mask([FAR]), r"annotations\[0\]\.segmentation: a polygon lies far outside"),
    "another size": (mask({"size": [5, 4], "counts": [20]}), r"segmentation: .* 4x5, got 5x4"),
    "too few runs": (mask({"size": [4, 5], "counts": [2, 5]}), r"segmentation: .* 20 .* got 7"),
    "no run lengths": (mask({"size": [4, 5], "counts": "25"}), r"segmentation: expected a run-le"),
}


@pytest.mark.parametrize("name", WRONG_TRUTHS)
def test_wrong_ground_truth(name: str):
    damage, says = WRONG_TRUTHS[name]
    document = truth()
    damage(document)
    with pytest.raises(InputError, match=says) as raised:
        parse_picture_truth(as_json(document), "truth.json")
    assert str(raised.value).startswith("truth.json")


WRONG_RESULTS = {
    "no such image": ({"image_id": 2}, r"\[0\]: the ground truth has no image with the id 2"),
    "no such category": ({"category_id": 1}, "no category with the id 1"),
    "no score": ({"score": None}, r"at `\$\[0\]\.score`"),
    "polygons": ({"segmentation": [[1.0, 1.0, 3.0, 1.0, 3.0, 3.0]]}, r"\$\[0\]\.segmentation"),
    "another size": ({"segmentation": {"size": [2, 10], "counts": "d0"}}, "4x5, got 2x10"),
    "no run lengths": ({"segmentation": {"size": [4, 5], "counts": "€"}}, "expected a run-length"),
}


@pytest.mark.parametrize("name", WRONG_RESULTS)
def test_wrong_results(name: str):
    values, says = WRONG_RESULTS[name]
    parsed = parse_picture_truth(as_json(truth()), "truth.json")
    with pytest.raises(InputError, match=says):
        check_picture_results([result() | values], parsed, "results.json")


@pytest.mark.parametrize(
    ("score", "says"),
    [(float("nan"), "NaN at byte"), (float("-inf"), "Infinity at byte"), ("high", "float")],
)
def test_scores_that_are_no_number(score: object, says: str):
    """As Python's json writes them."""
    parsed = parse_picture_truth(as_json(truth()), "truth.json")
    encoded = json.dumps([result() | {"score": score}]).encode()
    with pytest.raises(InputError, match=says):
        parse_picture_results(encoded, parsed, "results.json")


def test_what_is_right_is_taken():
    parsed = parse_picture_truth(as_json(truth()), "truth.json")
    (found,) = check_picture_results([result()], parsed, "results.json")
    assert (found.image_id, found.category_id, found.score, found.area) == (1, 3, 0.5, 5)
    assert parsed.objects[0].area == 5


def test_without_an_area_it_is_the_masks():
    document = truth()
    del document["annotations"][0]["area"]
    mask({"size": [4, 5], "counts": [2, 7, 11]})(document)
    assert parse_picture_truth(as_json(document), "truth.json").objects[0].area == 7


def test_files_that_are_not_there(tmp_path: Path):
    parsed = parse_picture_truth(as_json(truth()), "truth.json")
    for load in (load_picture_truth, lambda path: load_picture_results(path, parsed)):
        with pytest.raises(InputError, match=r"can't read .*none\.json"):
            load(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{}", 'expected "videos", as YouTube-VIS'),
        (b"[]", "Expected `object`, got `array`"),
        (b"", "truncated"),
        (b'{"images": [', "truncated"),
        (b"[" * 100000, "."),
    ],
)
def test_no_layout(content: bytes, says: str):
    with pytest.raises(InputError, match=says):
        find_layout(content, "truth.json")


def test_layouts():
    assert find_layout(as_json(truth()), "truth.json") == "coco"
    assert find_layout(b'{"videos": [], "images": []}', "truth.json") == "youtube-vis"

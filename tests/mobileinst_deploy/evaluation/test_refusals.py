"""Files that contradict themselves or each other are refused with the file and the place."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mobileinst_deploy.errors import InputError
from mobileinst_deploy.evaluation.ground_truth import load_ground_truth, parse_ground_truth
from mobileinst_deploy.evaluation.results import check_results, load_results, parse_results
from tests.mobileinst_deploy.evaluation.sets import as_json


def truth() -> dict:
    segmentations = [{"size": [4, 5], "counts": [2, 5, 13]}, None]
    names = ["a/0.jpg", "a/1.jpg"]
    return {
        "videos": [{"id": 1, "width": 5, "height": 4, "length": 2, "file_names": names}],
        "categories": [{"id": 3, "name": "cat"}],
        "annotations": [
            {"id": 1, "video_id": 1, "category_id": 3, "iscrowd": 0, "areas": [5, None]}
            | {"segmentations": segmentations}
        ],
    }


def result() -> dict:
    rle = {"size": [4, 5], "counts": "25="}
    return {"video_id": 1, "category_id": 3, "score": 0.5, "segmentations": [rle, None]}


def change(part: str, **values: object) -> Callable[[dict], None]:
    return lambda document: document[part][0].update(values)


def mask(rle: object) -> Callable[[dict], None]:
    return change("annotations", segmentations=[rle, None])


def twice(part: str) -> Callable[[dict], None]:
    return lambda document: document[part].append(document[part][0])


POLYGON = [1.0, 1.0, 3.0, 1.0, 3.0, 3.0]
WRONG_TRUTHS = {
    "no videos": (lambda t: t.update(videos=[]), r"length >= 1 - at `\$\.videos`"),
    "no categories": (lambda t: t.pop("categories"), "missing required field `categories`"),
    "an id of 0": (change("videos", id=0), r"int` >= 1 - at `\$\.videos\[0\]\.id`"),
    "a video twice": (twice("videos"), r"videos\[1\]: the id 1 is there twice"),
    "a category twice": (twice("categories"), r"categories\[1\]: the id 3 is there twice"),
    "a track twice": (twice("annotations"), r"annotations\[1\]: the id 1 is there twice"),
    "too few names": (change("videos", length=3), r"videos\[0\]: expected as many .* 3, got 2"),
    "no such video": (change("annotations", video_id=2), r"\[0\]: .* no video with the id 2"),
    "no such category": (change("annotations", category_id=2), "no category with the id 2"),
    "too few masks": (change("annotations", segmentations=[]), r"\.segmentations: .* 2 frames"),
    "too many areas": (change("annotations", areas=[1] * 3), r"\.areas: expected one .* got 3"),
    "a negative area": (change("annotations", areas=[-1, None]), r"areas\[0\]"),
    "another size": (mask({"size": [5, 4], "counts": [20]}), r"\[0\]: .* of 4x5, got 5x4"),
    "too few runs": (mask({"size": [4, 5], "counts": [2, 5]}), r"\[0\]: .* 20 pixels, got 7"),
    "a negative run": (mask({"size": [4, 5], "counts": [-1, 21]}), "counts"),
    "no encoding": (
        mask({"size": [4, 5], "counts": "~~"}),
        r"\[0\]: expected a run-length encoding, got '~~'",
    ),
    "text": (mask("25="), r"segmentations\[0\]"),
    "half a point": (mask([[*POLYGON, 1.0]]), r"\[0\]: expected x and y .* got 7 numbers"),
    "a line": (mask([[1.0, 1.0, 2.0, 2.0]]), "length >= 6"),
    "no polygon": (mask([]), "length >= 1"),
    "a polygon far away": (mask([[*POLYGON, 1e9, 1.0]]), "far outside of the picture of 4x5"),
    "too many pixels": (
        change("videos", width=65535, height=65535, length=2, file_names=["a", "b"]),
        r"videos\[0\]: 2 frames of 65535x65535 are more pixels",
    ),
}


@pytest.mark.parametrize("name", WRONG_TRUTHS)
def test_wrong_ground_truth(name: str):
    spoil, says = WRONG_TRUTHS[name]
    document = truth()
    spoil(document)
    with pytest.raises(InputError, match=says) as caught:
        parse_ground_truth(as_json(document), "truth.json")
    assert str(caught.value).startswith("truth.json")


WRONG_RESULTS = {
    "no score": ({"score": None}, r"float`, got `null` - at `\$\[0\]\.score`"),
    "an unknown video": ({"video_id": 9}, r"\[0\]: the ground truth has no video with the id 9"),
    "an unknown category": ({"category_id": 9}, "no category with the id 9"),
    "a shorter track": ({"segmentations": [None]}, r"\[0\]\.segmentations: .* 2 frames .* got 1"),
    "another size": (
        {"segmentations": [None, {"size": [8, 5], "counts": "X1"}]},
        r"\[0\]\.segmentations\[1\]: expected a mask of 4x5, got 8x5",
    ),
    "too many pixels": (
        {"segmentations": [None, {"size": [4, 5], "counts": "25>"}]},
        r"\[0\]\.segmentations\[1\]: .* 20 pixels, got 21",
    ),
    "a polygon": ({"segmentations": [None, [POLYGON]]}, r"object.*got `array`"),
}


@pytest.mark.parametrize("name", WRONG_RESULTS)
def test_wrong_results(name: str):
    values, says = WRONG_RESULTS[name]
    with pytest.raises(InputError, match=says) as caught:
        check_results([result() | values], parse_truth(), "found.json")
    assert str(caught.value).startswith("found.json")


def parse_truth():
    return parse_ground_truth(as_json(truth()), "truth.json")


@pytest.mark.parametrize("text", [b"", b"[", b"{}", b"\xff", b"[" * 5000, b"[1]", b"null"])
def test_files_of_something_else(text: bytes):
    with pytest.raises(InputError, match="found is no list of results"):
        parse_results(text, parse_truth(), "found")
    with pytest.raises(InputError, match="truth is not ground truth in the layout of YouTube-VIS"):
        parse_ground_truth(text, "truth")


def test_a_score_beyond_all():
    encoded = as_json([result()]).replace(b"0.5", b"1e999")
    with pytest.raises(InputError, match=r"out of range"):
        parse_results(encoded, parse_truth(), "found")


def test_files_that_are_not_there(tmp_path: Path):
    with pytest.raises(InputError, match=r"can't read .*none\.json: No such file"):
        load_ground_truth(tmp_path / "none.json")
    with pytest.raises(InputError, match="Is a directory"):
        load_results(tmp_path, parse_truth())


def test_what_is_well_is_accepted(tmp_path: Path):
    (tmp_path / "truth.json").write_bytes(as_json(truth()))
    (tmp_path / "found.json").write_bytes(as_json([result()]))
    loaded = load_ground_truth(tmp_path / "truth.json")
    (found,) = load_results(tmp_path / "found.json", loaded)
    assert found.mask.rle == loaded.tracks[0].mask.rle
    assert (found.area, loaded.tracks[0].area) == (5, 5)

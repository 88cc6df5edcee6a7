"""The official layouts, and what is refused in them."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from models.errors import DataError
from models.training.data.layouts import read_coco, read_ytvis
from models.training.data.segmentations import decode
from tests.models.training.conftest import FRAMES, HEIGHT, VIDEOS, WIDTH, DataSet

Change = Callable[[dict[str, Any]], Any]


def test_ytvis(data_set: DataSet):
    categories, videos = read_ytvis(data_set.folder / "ytvis.json", data_set.folder)
    assert (categories.ids, categories.names) == ((3, 7), ("square", "round"))
    assert [len(video.frames) for video in videos] == [FRAMES] * VIDEOS
    assert [[o.label for o in frame.objects] for frame in videos[1].frames] == [[1, 0], [1], [1, 0]]
    first = videos[1].frames[2]
    assert first.path == data_set.folder / "1/00002.png"
    for place, found in enumerate(first.objects):
        mask = decode(found.segmentation, HEIGHT, WIDTH)
        assert np.array_equal(mask, data_set.masks[1, 2, place])


def test_coco(data_set: DataSet):
    categories, pictures = read_coco(data_set.folder / "coco.json", data_set.folder)
    assert categories.ids == (3, 7)
    assert [len(picture.objects) for picture in pictures] == [2, 1, 2] * VIDEOS


def test_crowds_and_empty_pictures_are_left_out(data_set: DataSet):
    for each in data_set.coco["annotations"]:
        each["iscrowd"] = int(each["image_id"] == 1 or each["category_id"] == 3)
    data_set.write()
    _, pictures = read_coco(data_set.folder / "coco.json", data_set.folder)
    assert [len(picture.objects) for picture in pictures] == [1] * (FRAMES * VIDEOS - 1)


BROKEN: dict[str, tuple[Change, str]] = {
    "no list": (lambda d: d.pop("annotations"), "has no list 'annotations'"),
    "a number": (lambda d: d["annotations"].append(3), "is no object"),
    "no id": (lambda d: d["videos"][0].pop("id"), "has no 'id'"),
    "no names": (lambda d: d["videos"][0].update(file_names=[]), "has no file_names"),
    "no size": (lambda d: d["videos"][0].update(height="48"), "expected a height and a width"),
    "too short": (lambda d: d["annotations"][0]["segmentations"].pop(), "has 2 segmentations"),
    "no segmentations": (lambda d: d["annotations"][0].update(segmentations=7), "no list of segm"),
    "a list as id": (lambda d: d["annotations"][0].update(video_id=[1]), "a number as 'video_id'"),
    "a word as class": (lambda d: d["categories"][0].update(id="x"), "different ids above 0"),
    "a list as class": (lambda d: d["annotations"][0].update(category_id=[]), "a number as"),
    "unknown video": (lambda d: d["annotations"][0].update(video_id=9), "not listed"),
    "unknown class": (lambda d: d["annotations"][0].update(category_id=9), "category 9"),
    "twice": (lambda d: d["categories"].append({"id": 3, "name": "x"}), "different ids"),
    "no classes": (lambda d: d["categories"].clear(), "expected categories"),
}


@pytest.mark.parametrize(("change", "complaint"), BROKEN.values(), ids=BROKEN)
def test_refused(data_set: DataSet, change: Change, complaint: str):
    change(data_set.ytvis)
    data_set.write()
    with pytest.raises(DataError, match=complaint) as caught:
        read_ytvis(data_set.folder / "ytvis.json", data_set.folder)
    assert "ytvis.json" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'{"images": 3}'])
def test_not_such_a_file(data_set: DataSet, content: bytes):
    path = data_set.folder / "coco.json"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"coco\.json"):
        read_coco(path, data_set.folder)


def test_missing(data_set: DataSet):
    with pytest.raises(DataError, match="can't read"):
        read_coco(data_set.folder / "none.json", data_set.folder)


def test_unknown_picture(data_set: DataSet):
    broken = copy.deepcopy(data_set.coco)
    data_set.coco["annotations"][0]["image_id"] = 99
    data_set.write()
    with pytest.raises(DataError, match="image 99"):
        read_coco(data_set.folder / "coco.json", data_set.folder)
    assert broken != data_set.coco

"""The files of a data set, read by plain loops and by pycocotools."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from pycocotools import mask as coco

from models.synthetic.dataset import DatasetSize, write_dataset
from models.synthetic.motion import resting, straight, vanishing
from models.synthetic.random_scene import ClipSettings, render_clip
from models.synthetic.render import render
from tests.models.synthetic.scenes import HEIGHT, WIDTH, block, scene_of

CATEGORIES = ("car", "block")
CARD = {"generator": "a test", "seed": 5}


def staged_clips() -> list:
    leaving = (block(10, 10), straight((30, 20), (90, 20), 10, 4))
    vanishing_car = (block(8, 12, "car"), vanishing(resting((20, 10), 12, 4), 1, 2))
    never = (block(6, 6), resting((-50, -50), 6, 4))
    return [render(scene_of(never, leaving, vanishing_car)), render(scene_of(leaving))]


def written(folder: Path, clips: list) -> dict:
    write_dataset(folder, iter(clips), CATEGORIES, CARD)
    return json.loads((folder / "instances.json").read_text())


def decoded(segmentation: dict) -> np.ndarray:
    """Pixel by pixel down the columns, runs of zeros and ones in turn."""
    height, width = segmentation["size"]
    mask = np.zeros((height, width), bool)
    position = 0
    for index, run in enumerate(segmentation["counts"]):
        for place in range(position, position + run):
            mask[place % height, place // height] = index % 2 == 1
        position += run
    assert position == height * width
    return mask


def test_the_json_literally(tmp_path: Path):
    size = write_dataset(tmp_path, staged_clips(), CATEGORIES, CARD)
    found = json.loads((tmp_path / "instances.json").read_text())
    assert size == DatasetSize(clips=2, frames=8, tracks=3, masks=2 + 2 + 2)
    assert found["info"] == CARD == json.loads((tmp_path / "card.json").read_text())
    assert found["categories"] == [{"id": 1, "name": "car"}, {"id": 2, "name": "block"}]
    sides = {"height": HEIGHT, "width": WIDTH, "length": 4}
    assert found["videos"] == [
        {"id": i + 1, **sides, "file_names": [f"{i:05}/{f:05}.jpg" for f in range(4)]}
        for i in range(2)
    ]
    rows = [(1, 1, 2, "block/10x10"), (2, 1, 1, "car/8x12"), (3, 2, 2, "block/10x10")]
    for track, row in zip(found["annotations"], rows, strict=True):
        assert tuple(track[key] for key in ("id", "video_id", "category_id", "sprite")) == row
        assert track.items() >= {**sides, "iscrowd": 0}.items()


def test_a_track_literally(tmp_path: Path):
    car = written(tmp_path, staged_clips())["annotations"][1]
    before, columns = 14 * HEIGHT + 6, [8, HEIGHT - 8] * 11 + [8]
    counts = [before, *columns, HEIGHT * WIDTH - before - sum(columns)]
    assert car["segmentations"] == [
        {"size": [HEIGHT, WIDTH], "counts": counts}, None, None,
        {"size": [HEIGHT, WIDTH], "counts": counts},
    ]  # fmt: skip
    assert car["areas"] == [96, None, None, 96]
    assert car["bboxes"] == [[14, 6, 12, 8], None, None, [14, 6, 12, 8]]
    assert car["visibilities"] == [1, 0, 0, 1]


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # pycocotools
def test_masks_areas_and_boxes_of_random_clips(tmp_path: Path):
    settings = ClipSettings(height=48, width=80, frames=4)
    clips = [render_clip(0, settings, clip) for clip in range(4)]
    write_dataset(tmp_path, clips, settings.sprites.categories, CARD)
    tracks = json.loads((tmp_path / "instances.json").read_text())["annotations"]
    masks = [track for clip in clips for track in clip.masks if any(m is not None for m in track)]
    for track, expected in zip(tracks, masks, strict=True):
        for frame, mask in enumerate(expected):
            segmentation = track["segmentations"][frame]
            if mask is None:
                assert segmentation is track["areas"][frame] is track["bboxes"][frame] is None
                continue
            np.testing.assert_array_equal(decoded(segmentation), mask)
            compressed = coco.frPyObjects(segmentation, 48, 80)
            np.testing.assert_array_equal(coco.decode(compressed), mask)
            assert track["areas"][frame] == coco.area(compressed)
            assert track["bboxes"][frame] == coco.toBbox(compressed).tolist()


def test_pictures_have_the_names_of_the_json(tmp_path: Path):
    clips = staged_clips()
    found = written(tmp_path, clips)
    root = tmp_path / "JPEGImages"
    names = [name for video in found["videos"] for name in video["file_names"]]
    assert sorted(str(path.relative_to(root)) for path in root.rglob("*.jpg")) == names
    pictures = [picture for clip in clips for picture in clip.pictures]
    for name, picture in zip(names, pictures, strict=True):
        read = cv2.imread(str(root / name))[..., ::-1]
        assert np.abs(read.astype(int) - picture).mean() < 4


def test_a_category_that_is_not_listed_is_refused(tmp_path: Path):
    with pytest.raises(ValueError, match="expected categories out of car, got block"):
        write_dataset(tmp_path, staged_clips(), ("car",), CARD)

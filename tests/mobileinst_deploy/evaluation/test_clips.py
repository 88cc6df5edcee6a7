"""Videos that are too short, and ground truth whose pictures are not as it says."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from mobileinst_deploy.errors import InputError
from mobileinst_deploy.evaluation.clips import first_videos, truth_clips, video_clip
from mobileinst_deploy.evaluation.ground_truth import GroundTruth, load_ground_truth
from tests.clips import clip
from tests.mobileinst_deploy.curve.scene import LENGTHS, make_scene


@pytest.fixture
def truth(tmp_path: Path) -> GroundTruth:
    return load_ground_truth(make_scene(tmp_path).truth)


def test_frames_of_a_video_are_decoded_once():
    bikes = video_clip(str(clip("bikes")), 3, 5)
    frames = bikes.load()
    assert [frame.index for frame in frames] == [5, 6, 7]
    assert bikes.load() is frames
    assert (bikes.name, bikes.length, bikes.video_id) == ("bikes.mp4", 3, 1)


def test_a_video_that_is_too_short():
    with pytest.raises(InputError, match="has 10 frames from frame 240 on, expected 11"):
        video_clip(str(clip("bikes")), 11, 240)


def test_clips_of_the_ground_truth(truth: GroundTruth, tmp_path: Path):
    first, second = truth_clips(truth, tmp_path)
    assert (first.length, second.length) == LENGTHS
    assert (first.video_id, second.video_id) == (1, 2)
    values = [int(frame.picture.max()) for clip in (first, second) for frame in clip.load()]
    assert values == [10 * number for number in range(sum(LENGTHS))]


def test_the_first_videos_keep_their_tracks(truth: GroundTruth):
    kept = first_videos(truth, 1)
    assert [*kept.videos] == [1]
    assert [track.id for track in kept.tracks] == [10, 11]
    assert kept.categories == truth.categories
    assert first_videos(truth, None) == first_videos(truth, 99) == truth


def test_a_missing_picture_is_found_before_anything_runs(truth: GroundTruth, tmp_path: Path):
    (tmp_path / "2" / "3.png").unlink()
    with pytest.raises(InputError, match=r"there is no .*2/3\.png, which video 2 .*--pictures"):
        truth_clips(truth, tmp_path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"text", r"1/3\.png is not a picture"),
        (b"", r"1/3\.png is not a picture"),
        (None, r"1/3\.png is 20x10, but the ground truth says 320x192 of video 1"),
    ],
)
def test_a_picture_that_is_none_or_of_another_size(
    truth: GroundTruth, tmp_path: Path, content: bytes | None, says: str
):
    _, small = cv2.imencode(".png", np.zeros((10, 20, 3), np.uint8))
    (tmp_path / "1" / "3.png").write_bytes(small.tobytes() if content is None else content)
    (first, _) = truth_clips(truth, tmp_path)
    with pytest.raises(InputError, match=says):
        first.load()


def test_a_video_without_folders_is_called_by_its_id(truth: GroundTruth, tmp_path: Path):
    names = tuple(name.replace("/", "-") for name in truth.videos[1].file_names)
    for name in names:
        (tmp_path / name).write_bytes(b"")
    flat = replace(truth, videos={1: replace(truth.videos[1], file_names=names)})
    assert [clip.name for clip in truth_clips(flat, tmp_path)] == ["1"]

from pathlib import Path

import cv2
import numpy as np
import pytest

from mobileinst_deploy.video import read_run, stated_length
from mobileinst_deploy.video_writer import VideoWriter, check_encoder, writing_video
from tests.device.storage import full_disk
from tests.mobileinst_deploy.refusal import tree


def picture(shade: int, height: int = 48, width: int = 64) -> np.ndarray:
    """Red at the left, the shade at the right."""
    made = np.full((height, width, 3), shade, np.uint8)
    made[:, : width // 2] = (255, 0, 0)
    return made


def write(
    path: Path, count: int, then: type[BaseException] | None = None, **size: int
) -> VideoWriter:
    with writing_video(path, 12.5) as video:
        for number in range(count):
            video.add(picture(number * 20, **size))
        if then:
            raise then
    return video


@pytest.mark.parametrize("ending", ["mp4", "avi", "MP4"])
def test_pictures_come_back_in_their_order_and_colours(tmp_path: Path, ending: str):
    path = tmp_path / f"made.{ending}"
    assert write(path, 10).is_saved
    frames = read_run(path, 10)
    assert stated_length(path) == 10
    assert cv2.VideoCapture(str(path)).get(cv2.CAP_PROP_FPS) == 12.5
    for number, frame in enumerate(frames):
        assert np.abs(frame.picture[:, 40:].mean() - number * 20) < 4
        assert np.abs(frame.picture[:, :24].mean((0, 1)) - (255, 0, 0)).max() < 8
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("ending", ["mp4", "avi"])
@pytest.mark.parametrize(("height", "width"), [(47, 63), (1, 1), (480, 1)])
def test_an_odd_side_grows_by_a_pixel(tmp_path: Path, height: int, width: int, ending: str):
    path = tmp_path / f"made.{ending}"
    write(path, 2, height=height, width=width)
    expected = (height + height % 2, width + width % 2, 3)
    assert read_run(path, 2)[1].picture.shape == expected


def test_an_error_keeps_what_is_done(tmp_path: Path):
    path = tmp_path / "made.mp4"
    with pytest.raises(KeyboardInterrupt):
        write(path, 3, then=KeyboardInterrupt)
    assert len(read_run(path, 3)) == stated_length(path) == 3
    assert list(tmp_path.iterdir()) == [path]


def test_without_a_picture_nothing_is_left_and_the_old_one_stays(tmp_path: Path):
    path = tmp_path / "made.mp4"
    write(path, 2)
    before = tree(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        write(path, 0, then=KeyboardInterrupt)
    assert not write(path, 0).is_saved
    assert tree(tmp_path) == before


def test_the_old_one_stays_until_the_new_one_is_finished(tmp_path: Path):
    path = tmp_path / "made.mp4"
    write(path, 2)
    with writing_video(path, 25) as video:
        video.add(picture(1))
        assert stated_length(path) == 2
    assert stated_length(path) == 1


def test_checking_the_encoder_leaves_nothing(tmp_path: Path):
    check_encoder(tmp_path / "made.mp4")
    check_encoder(tmp_path / "made.avi")
    assert list(tmp_path.iterdir()) == []


def test_no_such_folder(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    with pytest.raises(OSError, match="OpenCV can't write mp4v"):
        check_encoder(tmp_path / "no" / "made.mp4")
    assert "".join(capfd.readouterr()) == ""


def noise(path: Path) -> None:
    picture = np.random.default_rng(0).integers(0, 255, (240, 320, 3), np.uint8)
    with writing_video(path, 25) as video:
        for _ in range(20):
            video.add(picture)


@pytest.mark.parametrize("ending", ["mp4", "avi"])
def test_a_full_disk(tmp_path: Path, ending: str, capfd: pytest.CaptureFixture[str]):
    says = r"can't write .*: \d+ of 20 frames can be read back; the disk has 0 MiB free: make room"
    with full_disk(tmp_path, kib=64):
        with pytest.raises(OSError, match=says):
            noise(tmp_path / f"made.{ending}")
        assert list(tmp_path.iterdir()) == []
    assert "".join(capfd.readouterr()) == ""

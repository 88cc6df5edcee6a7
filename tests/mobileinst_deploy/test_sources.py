import os
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from mobileinst_deploy.errors import InputError
from mobileinst_deploy.sources import open_source
from mobileinst_deploy.video import read_run
from tests.clips import clip
from tests.mobileinst_deploy.test_video import BAD_FILES

BIKES = clip("bikes")


def save(path: Path, shade: int = 0, height: int = 12, width: int = 16) -> Path:
    assert cv2.imwrite(str(path), np.full((height, width, 3), (0, 0, shade), np.uint8))  # BGR: red
    return path


def indices(text: object, **options: int) -> list[int]:
    with open_source(str(text), **options) as source:
        return [frame.index for frame in source.frames]


def test_a_video_gives_its_very_frames():
    with open_source(str(BIKES), start=40, frames=3) as source:
        frames = list(source.frames)
    assert (source.name, source.fps, source.length) == ("bikes.mp4", 25, 3)
    assert (source.height, source.width) == (272, 640)
    for frame, expected in zip(frames, read_run(BIKES, 3, 40), strict=True):
        assert (frame.index, frame.source) == (expected.index, "bikes.mp4")
        assert np.array_equal(frame.picture, expected.picture)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, (0, 249, 250)),
        ({"start": 247}, (247, 249, 3)),
        ({"frames": 2}, (0, 1, 2)),
        ({"start": 248, "frames": 5}, (248, 249, 2)),
    ],
)
def test_start_and_number_of_frames(options: dict[str, int], expected: tuple[int, int, int]):
    with open_source(str(BIKES), **options) as source:
        seen = [frame.index for frame in source.frames]
    assert (seen[0], seen[-1], source.length) == expected
    assert seen == list(range(seen[0], seen[-1] + 1))


def test_a_source_is_read_as_it_is_asked_for(tmp_path: Path):
    """The third picture appears after the second was handed out."""
    save(tmp_path / "1.png"), save(tmp_path / "2.png"), save(tmp_path / "3.png").unlink()
    (tmp_path / "3.png").write_bytes(b"not yet")
    with open_source(str(tmp_path)) as source:
        next(source.frames), next(source.frames)
        save(tmp_path / "3.png", 200)
        assert next(source.frames).picture[0, 0].tolist() == [200, 0, 0]


def test_a_folder_goes_by_the_numbers_in_its_names(tmp_path: Path):
    names = ["Frame-1.JPG", "frame-2.png", "frame-10.webp", "frame-10b.bmp", "g.jpeg"]
    for name in reversed(names):
        save(tmp_path / name)
    save(tmp_path / "._frame-1.png")
    (tmp_path / "notes.txt").write_text("no picture")
    with open_source(str(tmp_path), fps=6) as source:
        assert [frame.source for frame in source.frames] == names
    assert (source.name, source.fps, source.length) == (tmp_path.name, 6, 5)


def test_a_single_picture_is_one_frame_whatever_lies_beside_it(tmp_path: Path):
    save(tmp_path / "frame_02.png")
    assert indices(save(tmp_path / "frame_01.png")) == [0]


def test_a_folder_named_as_a_number_is_no_camera(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    Path("0").mkdir()
    save(Path("0/a.png"))
    assert indices("0") == [0]


def test_pictures_of_two_sizes(tmp_path: Path):
    for number in range(3):
        save(tmp_path / f"{number}.png", width=16 if number < 2 else 20)
    with (
        open_source(str(tmp_path)) as source,
        pytest.raises(InputError, match=r"2\.png is 20x12, expected 16x12 as 0\.png is"),
    ):
        list(source.frames)


@pytest.mark.parametrize("content", [b"", b"text", b"\x89PNG\r\n\x1a\n"])
def test_a_damaged_picture_is_named(tmp_path: Path, content: bytes):
    save(tmp_path / "1.png")
    (tmp_path / "2.png").write_bytes(content)
    with pytest.raises(InputError, match=r"2\.png is not a picture, is damaged"):
        indices(tmp_path)


def empty_folder(folder: Path) -> str:
    return str(folder)


def unreadable_picture(folder: Path) -> str:
    (folder / "a.png").mkdir()
    return str(folder)


def nobody(folder: Path) -> str:
    return "97"


BAD = [
    (empty_folder, "has no picture; expected .jpg"),
    (unreadable_picture, "a.png: Is a directory"),
    (nobody, "camera 97 can't be opened; expected a file, a folder"),
]


@pytest.mark.parametrize(("make", "says"), BAD, ids=[make.__name__ for make, _ in BAD])
def test_what_has_no_frame_is_refused(
    tmp_path: Path, make: Callable[[Path], str], says: str, capfd: pytest.CaptureFixture[str]
):
    with pytest.raises(InputError, match=says) as caught:
        indices(make(tmp_path))
    assert "\n" not in str(caught.value)
    assert "".join(capfd.readouterr()) == ""


@pytest.mark.parametrize(
    ("make", "says"),
    [(make, says) for make, says in BAD_FILES if make.__name__ not in ("a_folder", "latin1_name")],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_bad_video_is_refused_as_elsewhere(
    tmp_path: Path, make: Callable[[Path], Path], says: str
):
    says = "is not a picture" if make.__name__ == "text_named_as_a_picture" else says
    with pytest.raises(InputError, match=says):
        indices(make(tmp_path))


def test_a_start_behind_the_end():
    with pytest.raises(InputError, match=r"bikes\.mp4 ends before frame 250"):
        indices(BIKES, start=250)


def test_a_source_left_early_is_closed():
    """Every capture holds the file open; a leaked one would keep its descriptor."""
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with open_source(str(BIKES)) as source:
            next(source.frames)
    assert len(os.listdir("/proc/self/fd")) <= before


def test_a_camera_runs_until_nobody_asks_any_more(monkeypatch: pytest.MonkeyPatch):
    """A clip plays the camera: there is none here."""
    capture = cv2.VideoCapture
    monkeypatch.setattr(cv2, "VideoCapture", lambda number: capture(str(BIKES)))
    with open_source("97") as source:
        frames = [next(source.frames) for _ in range(2)]
    assert (source.name, source.length) == ("camera 97", None)
    assert [frame.index for frame in frames] == [0, 1]
    assert np.array_equal(frames[1].picture, read_run(BIKES, 2)[1].picture)
    assert indices("97", start=3, frames=2) == [3, 4]
    with pytest.raises(InputError, match="camera 97 gives no picture any more, after 250"):
        indices("97", start=248)


def cut_short(path: Path) -> Path:
    """A video of 112 frames that says it has 250: the rest are zeros."""
    content = bytearray(BIKES.read_bytes())
    middle, end = 250_000, content.find(b"moov") - 4
    content[middle:end] = bytes(end - middle)
    path.write_bytes(content)
    return path


def test_a_video_that_is_shorter_than_it_says(tmp_path: Path):
    with open_source(str(cut_short(tmp_path / "cut.mp4")), start=100) as source:
        decoded = sum(1 for _ in source.frames)
    assert (decoded, source.length) == (12, 150)

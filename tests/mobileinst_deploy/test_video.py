import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from mobileinst_deploy.errors import InputError
from mobileinst_deploy.sample_frames import sample_frames
from mobileinst_deploy.video import Frame, read_run, read_spread, spread
from tests.clips import clip

BIKES, BUNNY = clip("bikes"), clip("bigbuckbunny")
BIKES_LENGTH = 250


def sequential(path: Path) -> list[np.ndarray]:
    """Every frame, read one by one, RGB."""
    capture, pictures = cv2.VideoCapture(str(path)), []
    while (answer := capture.read())[0]:
        pictures.append(answer[1][..., ::-1])
    return pictures


@pytest.fixture(scope="module")
def bikes() -> list[np.ndarray]:
    return sequential(BIKES)


@pytest.mark.parametrize(
    ("length", "count", "expected"),
    [
        (250, 1, [125]),
        (250, 2, [62, 187]),
        (4, 4, [0, 1, 2, 3]),
        (5, 4, [0, 1, 3, 4]),
        (1, 1, [0]),
        (10, 0, []),
    ],
)
def test_spread_takes_the_middles_of_equal_parts(length, count, expected):
    assert spread(length, count) == expected


@pytest.mark.parametrize("count", [1, 4, 7])
def test_read_spread_gives_the_very_frames(bikes, count):
    frames = read_spread(BIKES, count)
    assert [frame.index for frame in frames] == spread(BIKES_LENGTH, count)
    assert all(np.array_equal(frame.picture, bikes[frame.index]) for frame in frames)


def test_read_spread_takes_every_frame_where_all_are_asked_for():
    assert [frame.index for frame in read_spread(BUNNY, 132)] == list(range(132))


@pytest.mark.parametrize(("count", "start"), [(1, 0), (3, 0), (4, 100), (1, 249), (250, 0)])
def test_read_run_gives_consecutive_frames(bikes, count, start):
    frames = read_run(BIKES, count, start)
    assert [frame.index for frame in frames] == list(range(start, start + count))
    assert np.array_equal(frames[-1].picture, bikes[start + count - 1])


@pytest.mark.parametrize(("path", "shape"), [(BIKES, (272, 640, 3)), (BUNNY, (720, 1280, 3))])
def test_a_frame_is_an_rgb_picture_with_its_source(path, shape):
    frame = read_run(path, 1)[0]
    assert (frame.picture.shape, frame.picture.dtype) == (shape, np.uint8)
    assert frame.picture.flags.c_contiguous
    assert frame.source == path.name


def test_a_single_picture_is_a_video_of_one_frame(tmp_path):
    path = tmp_path / "plain.png"
    cv2.imwrite(str(path), np.full((40, 60, 3), (0, 0, 255), np.uint8))  # BGR: red
    frame = read_spread(path, 1)[0]
    assert frame.picture[0, 0].tolist() == [255, 0, 0]


def missing(folder: Path) -> Path:
    return folder / "nothing.mp4"


def a_folder(folder: Path) -> Path:
    return folder


def below_a_file(folder: Path) -> Path:
    return written(folder, b"x") / "clip.mp4"


def long_name(folder: Path) -> Path:
    return folder / ("a" * 300 + ".mp4")


def latin1_name(folder: Path) -> Path:
    path = folder / os.fsdecode(b"caf\xe9.mp4")
    path.write_bytes(BIKES.read_bytes())
    return path


def a_pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe.mp4")
    return folder / "pipe.mp4"


def empty(folder: Path) -> Path:
    return written(folder, b"")


def text(folder: Path) -> Path:
    return written(folder, b"frames: none\n" * 100)


def noise(folder: Path) -> Path:
    return written(folder, np.random.default_rng(0).bytes(100_000))


def python_code(folder: Path) -> Path:
    return written(folder, Path(__file__).read_bytes(), "clip.avi")


def text_named_as_a_picture(folder: Path) -> Path:
    return written(folder, b"not a picture", "frame_01.jpg")


def cut_off(folder: Path) -> Path:
    """Without the index, which this clip has at its end."""
    return written(folder, BIKES.read_bytes()[:200_000])


def only_the_first_bytes(folder: Path) -> Path:
    return written(folder, BIKES.read_bytes()[:32])


def blank_frames(folder: Path) -> Path:
    """An intact index of frames that are all zeros."""
    content = bytearray(BIKES.read_bytes())
    start, end = content.find(b"mdat") + 4, content.find(b"moov") - 4
    content[start:end] = bytes(end - start)
    return written(folder, bytes(content))


def written(folder: Path, content: bytes, name: str = "clip.mp4") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


BAD_FILES: list[tuple[Callable[[Path], Path], str]] = [
    (missing, "No such file"),
    (a_folder, "is a folder, expected a video file"),
    (below_a_file, "Not a directory"),
    (long_name, "File name too long"),
    (latin1_name, "its name is not UTF-8"),
    (a_pipe, "is a device or pipe, expected a video file"),
    (empty, "is empty, expected a video"),
    (text, "is not a video"),
    (noise, "is not a video"),
    (python_code, "is not a video"),
    (text_named_as_a_picture, "can be decoded"),
    (cut_off, "is not a video, is damaged"),
    (only_the_first_bytes, "is not a video, is damaged"),
    (blank_frames, "no frame of"),
]


@pytest.mark.parametrize("read", [read_spread, read_run])
@pytest.mark.parametrize(
    ("make", "message"), BAD_FILES, ids=[make.__name__ for make, _ in BAD_FILES]
)
def test_a_bad_file_is_one_clear_line(tmp_path, make, message, read):
    with pytest.raises(InputError, match=message) as caught:
        read(make(tmp_path), 2)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (lambda: read_spread(BIKES, 251), "only 250 frames that can be decoded, expected at least"),
        (lambda: read_run(BIKES, 251), "expected at least 251"),
        (lambda: read_run(BIKES, 2, 249), "expected at least 251"),
        (lambda: read_run(BIKES, 1, 1000), "expected at least 1001"),
    ],
)
def test_too_few_frames_is_one_clear_line(read, message):
    with pytest.raises(InputError, match=message):
        read()


def test_frames_lost_at_the_end_are_left_out_of_the_spread(tmp_path):
    content = bytearray(BIKES.read_bytes())
    middle, end = 250_000, content.find(b"moov") - 4
    content[middle:end] = bytes(end - middle)
    frames = read_spread(written(tmp_path, bytes(content)), 4)
    assert len(frames) == 4
    assert 10 < frames[-1].index < 200


@pytest.mark.parametrize(("count", "start"), [(0, 0), (-1, 0), (1, -1)])
def test_an_impossible_range_is_the_callers_fault(count, start):
    with pytest.raises(ValueError, match="expected count >= 1 and start >= 0"):
        read_run(BIKES, count, start)


def test_no_frame_is_asked_for():
    with pytest.raises(ValueError, match="got count=0"):
        read_spread(BIKES, 0)


def test_a_colon_in_the_name_is_no_protocol(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("http:clip.mp4").write_bytes(BIKES.read_bytes())
    assert len(read_run(Path("http:clip.mp4"), 2)) == 2


QUIET = """
import sys
from pathlib import Path
from mobileinst_deploy.errors import InputError
from mobileinst_deploy.video import read_spread
for name in sys.argv[1:]:
    try:
        read_spread(Path(name), 2)
    except InputError:
        print("refused")
"""


def test_decoders_keep_quiet(tmp_path):
    """In a process of its own: FFmpeg's level is set once, at the process's first capture."""
    makers = [make for make, _ in BAD_FILES if make is not latin1_name]
    folders = [tmp_path / make.__name__ for make in makers]
    for folder in folders:
        folder.mkdir()
    names = [str(make(folder)) for make, folder in zip(makers, folders, strict=True)]
    done = subprocess.run(
        [sys.executable, "-c", QUIET, *names], capture_output=True, text=True, timeout=60
    )
    assert (done.stdout.split(), done.stderr) == (["refused"] * len(names), "")


def test_sample_frames_are_the_four_photographs():
    frames = sample_frames()
    assert [(frame.index, frame.source) for frame in frames] == [
        (0, "astronaut.jpg"),
        (0, "chelsea.jpg"),
        (0, "coffee.jpg"),
        (0, "rocket.jpg"),
    ]
    assert all(is_picture(frame) for frame in frames)


def test_sample_frames_are_rgb():
    suit = sample_frames()[0].picture[300:400, 60:120]  # the astronaut's orange suit
    assert suit[..., 0].mean() > suit[..., 2].mean() + 30


def is_picture(frame: Frame) -> bool:
    return frame.picture.dtype == np.uint8 and frame.picture.ndim == 3 and frame.picture.std() > 10

"""The preview runs a bundle's graphs and draws what they give."""

from pathlib import Path

import cv2
import pytest

from tests.clips import clip
from tests.command import run


@pytest.mark.parametrize("ending", ["png", "jpg"])
def test_two_panels_with_masks(small_bundle: Path, tmp_path: Path, ending: str):
    output = tmp_path / f"preview.{ending}"
    ran = run("preview", small_bundle, "--video", clip("bikes"), "--frame", 20, "-o", output)
    assert ran.code == 0, ran.err
    picture = cv2.imread(str(output))
    frames = cv2.VideoCapture(str(clip("bikes")))
    frames.set(cv2.CAP_PROP_POS_FRAMES, 20)
    plain = frames.read()[1]
    assert picture.shape == (2 * plain.shape[0], plain.shape[1], 3)
    assert (picture[: plain.shape[0]].astype(int) - plain).any()


def test_baked_bundle(small_bundle: Path, tmp_path: Path):
    baked = tmp_path / "baked"
    options = ("--size", "64x96", "--bake", "--source-size", "120x160", "--frames", 1)
    assert run("export", "mobileinst-topformer-t", "-o", baked, *options).code == 0
    output = tmp_path / "preview.png"
    assert run("preview", baked, "--video", clip("bikes"), "-o", output).code == 0
    assert cv2.imread(str(output)).shape == (240, 160, 3)


BAD = {
    "unknown kind of file": ({"-o": "preview.xyz"}, 2, ".png"),
    "no such video": ({"--video": "no.mp4"}, 3, "no.mp4"),
    "past the end": ({"--frame": "100000"}, 3, "frames"),
}


@pytest.mark.parametrize(("change", "code", "words"), BAD.values(), ids=BAD)
def test_bad_input(
    small_bundle: Path, tmp_path: Path, change: dict[str, str], code: int, words: str
):
    options = {"--video": str(clip("bikes")), "-o": "preview.png", **change}
    options["-o"] = str(tmp_path / options["-o"])
    ran = run("preview", small_bundle, *(part for option in options.items() for part in option))
    assert ran.code == code
    assert ran.err.startswith("Error: ")
    assert words in ran.err
    assert list(tmp_path.iterdir()) == []


def test_existing_picture_stays(small_bundle: Path, tmp_path: Path):
    output = tmp_path / "preview.png"
    output.write_bytes(b"mine")
    ran = run("preview", small_bundle, "--video", clip("bikes"), "-o", output)
    assert ran.code == 2
    assert output.read_bytes() == b"mine"

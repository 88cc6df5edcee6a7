"""Pictures are decoded whole or not at all."""

import cv2
import numpy as np
import pytest

from models.picture_files import decode

PICTURE = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)


def encoded(ending: str) -> bytes:
    return cv2.imencode(ending, PICTURE)[1].tobytes()


@pytest.mark.parametrize("ending", [".png", ".jpg", ".webp"])
def test_whole_and_cut(ending: str, capfd: pytest.CaptureFixture[str]):
    content = encoded(ending)
    whole = decode(content, cv2.IMREAD_COLOR)
    assert whole is not None
    assert whole.shape == PICTURE.shape
    for size in (0, 5, 50, len(content) // 2, len(content) * 9 // 10, len(content) - 2):
        assert decode(content[:size], cv2.IMREAD_COLOR) is None
    assert capfd.readouterr().err == ""


def test_bytes_behind_the_end_do_no_harm():
    content = encoded(".jpg")
    padded = decode(content + bytes(100), cv2.IMREAD_COLOR)
    np.testing.assert_array_equal(padded, decode(content, cv2.IMREAD_COLOR))


def test_the_end_of_a_thumbnail_is_not_the_pictures():
    content = encoded(".jpg")
    thumbnail = b"\xff\xe1\x00\x08" + b"12" + b"\xff\xd8\xff\xd9"
    with_thumbnail = content[:2] + thumbnail + content[2:]
    assert decode(with_thumbnail, cv2.IMREAD_COLOR) is not None
    assert decode(with_thumbnail[: len(with_thumbnail) // 2], cv2.IMREAD_COLOR) is None

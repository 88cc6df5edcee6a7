import numpy as np
import pytest

from models.frames import Frame, at_size


def frame(height: int, width: int) -> Frame:
    picture = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Frame(7, picture, "clip.mp4")


def test_a_frame_of_that_size_stays_itself():
    original = frame(48, 64)
    assert at_size(original, 48, 64) is original


@pytest.mark.parametrize("size", [(24, 32), (96, 128), (10, 100), (1, 1)])
def test_another_size_keeps_the_origin(size: tuple[int, int]):
    original = frame(48, 64)
    resized = at_size(original, *size)
    assert (resized.index, resized.source) == (7, "clip.mp4")
    assert (resized.picture.shape, resized.picture.dtype) == ((*size, 3), np.uint8)
    assert original.picture.shape == (48, 64, 3)


def test_shrinking_averages_areas():
    """A bilinear resize by 4 would look at 4 of the 16 pixels."""
    original = frame(48, 64)
    blocks = original.picture.astype(float).reshape(12, 4, 16, 4, 3).mean((1, 3))
    assert np.abs(at_size(original, 12, 16).picture - blocks).max() <= 0.5

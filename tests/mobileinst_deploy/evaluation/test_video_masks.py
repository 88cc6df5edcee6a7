"""Frames side by side: what their run lengths become."""

import numpy as np
import pytest
from pycocotools import mask as coco

from mobileinst_deploy.evaluation.video_masks import Rle, join_frames
from mobileinst_deploy.tracking.rle import encode


def rle(mask: np.ndarray) -> Rle:
    return Rle(mask.shape, encode(mask))


def filled(*pixels: tuple[int, int]) -> np.ndarray:
    mask = np.zeros((3, 4), bool)
    for pixel in pixels:
        mask[pixel] = True
    return mask


FRAMES = {
    "nothing": [filled(), None],
    "everything": [~filled(), ~filled()],
    "the last pixel, then the first": [filled((2, 3)), filled((0, 0)), None],
    "the first pixel": [filled((0, 0))],
    "the last pixel": [None, filled((2, 3))],
    "holes": [~filled((1, 1), (2, 3)), None, ~filled((0, 0))],
}


@pytest.mark.parametrize("frames", FRAMES.values(), ids=FRAMES)
def test_they_lie_side_by_side(frames: list):
    joined = join_frames([f if f is None else rle(f) for f in frames], 3, 4, "here")
    whole = np.concatenate([filled() if f is None else f for f in frames], axis=1)
    assert joined.rle == coco.encode(np.asfortranarray(whole, np.uint8))
    assert joined.frame_areas == tuple(0 if f is None else int(f.sum()) for f in frames)


def test_runs_of_no_length_change_nothing():
    plain = Rle((3, 4), (0, 0, 5, 0, 0, 3, 0, 0, 4))
    assert join_frames([plain, plain], 3, 4, "here").rle == (
        join_frames([Rle((3, 4), (5, 3, 4))] * 2, 3, 4, "here").rle
    )


def test_polygons_are_joined():
    """Two rectangles that overlap, by their corners."""
    left, right = (1.0, 0.0, 3.0, 0.0, 3.0, 2.0, 1.0, 2.0), (2.0, 1.0, 4.0, 1.0, 4.0, 3.0, 2.0, 3.0)
    joined = join_frames([(left, right)], 3, 4, "here")
    expected = filled((0, 1), (0, 2), (1, 1), (1, 2), (1, 3), (2, 2), (2, 3))
    assert joined.rle == coco.encode(np.asfortranarray(expected, np.uint8))

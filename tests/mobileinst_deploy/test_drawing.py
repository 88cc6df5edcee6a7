import itertools

import numpy as np
import pytest
import torch
from torch.nn.functional import interpolate

from mobileinst_deploy.drawing import colour, draw_masks, restore_masks, style_for, text_size, wrap
from models.preprocessing import Preprocessing, place

GREY = np.full((272, 640, 3), 128, np.uint8)


def disc(y: int, x: int, radius: int, height: int = 272, width: int = 640) -> np.ndarray:
    rows, columns = np.ogrid[:height, :width]
    return ((rows - y) ** 2 + (columns - x) ** 2 < radius**2).astype(np.float32)


def by_torch(logits: np.ndarray, height: int, width: int, to: Preprocessing) -> np.ndarray:
    """SparseInst's way: sigmoid, to the input's size, cut, to the picture's size."""
    placement = place(height, width, to)
    mask = torch.from_numpy(logits)[None].sigmoid()
    mask = interpolate(mask, (to.height, to.width), mode="bilinear", align_corners=False)
    mask = mask[..., : placement.height, : placement.width]
    return interpolate(mask, (height, width), mode="bilinear", align_corners=False)[0].numpy()


@pytest.mark.parametrize("size", [(272, 640), (720, 1280), (500, 300), (64, 64), (1, 1)])
@pytest.mark.parametrize("resize", ["letterbox", "stretch"])
def test_restored_masks_are_what_pytorch_makes(size, resize):
    preprocessing = Preprocessing(256, 448, resize)
    logits = np.random.default_rng(0).normal(0, 4, (3, 32, 56)).astype(np.float32)
    restored = restore_masks(logits, *size, preprocessing)
    assert (restored.shape, restored.dtype) == ((3, *size), np.float32)
    np.testing.assert_allclose(restored, by_torch(logits, *size, preprocessing), atol=2e-5)


def test_restored_masks_lie_where_the_picture_lies():
    """The padding's logits do not come back; the picture's do, at their place."""
    logits = np.full((1, 32, 56), -9, np.float32)
    logits[:, :, 28:] = 9  # 200×200 takes the left 256 of 448 columns of the input
    restored = restore_masks(logits, 200, 200, Preprocessing(256, 448))
    assert restored[0, :, :170].max() < 0.01
    assert restored[0, :, 180:].min() > 0.9


def test_restoring_no_mask_gives_none():
    empty = np.empty((0, 32, 56), np.float32)
    assert restore_masks(empty, 10, 20, Preprocessing(256, 448)).shape == (0, 10, 20)


def test_extreme_logits_stay_finite():
    logits = np.array([[[-1e30, 1e30], [-100, 100]]], np.float32)
    restored = restore_masks(logits, 16, 16, Preprocessing(16, 16))
    assert 0 <= restored.min() <= restored.max() <= 1


def test_colours_are_stable_and_apart():
    assert colour(3) == colour(3)
    pairs = itertools.combinations([colour(index) for index in range(10)], 2)
    assert min(np.abs(np.subtract(a, b)).sum() for a, b in pairs) > 100


def test_a_mask_changes_its_own_pixels_alone():
    mask = disc(130, 300, 50)
    drawn = draw_masks(GREY, mask[None], [""], 0.5)
    changed = (drawn != GREY).any(2)
    assert changed[mask > 0].all()
    assert not changed[disc(130, 300, 53) == 0].any()
    assert drawn.dtype == np.uint8
    assert (GREY == 128).all()


def test_the_fill_lets_the_picture_through_and_the_contour_does_not():
    drawn = draw_masks(GREY, disc(130, 300, 50)[None], [""], 0.5)
    assert drawn[130, 300].tolist() == np.rint(0.55 * 128 + 0.45 * np.array(colour(0))).tolist()
    assert np.abs(drawn[130].astype(int) - colour(0)).max(1).min() < 20


def test_the_threshold_decides():
    assert (draw_masks(GREY, disc(130, 300, 50)[None] * 0.4, ["cat"], 0.45) == GREY).all()


def test_a_label_lies_in_the_middle_of_its_mask():
    drawn = draw_masks(GREY, disc(130, 300, 100)[None], ["cat 0.9"], 0.5)
    box = (drawn == colour(0)).all(2)[100:160, 260:340]
    assert box.sum() > 300


@pytest.mark.parametrize("centre", [(0, 0), (271, 639), (0, 639), (271, 0)])
def test_a_label_at_the_edge_stays_inside(centre):
    drawn = draw_masks(GREY, disc(*centre, 20)[None], ["a long label 0.99"], 0.5)
    box = (drawn == colour(0)).all(2)
    assert box.sum() > text_size("a long label 0.99", style_for(640))[0] * 10


@pytest.mark.parametrize("width", [640, 1280])
def test_letters_are_large_enough_to_read(width):
    assert text_size("H", style_for(width))[1] >= max(9, width // 80)


@pytest.mark.parametrize(("height", "width"), [(272, 640), (720, 1280)])
def test_a_caption_is_a_strip_at_the_bottom(height, width):
    picture = np.full((height, width, 3), 200, np.uint8)
    drawn = draw_masks(picture, np.empty((0, height, width)), [], 0.5, "untrained weights")
    changed = (drawn != picture).any((1, 2))
    assert changed[-10:].all()
    assert not changed[: -height // 5].any()
    assert drawn[changed].max() > 240
    assert drawn[-1].max() == 60


def test_a_long_caption_is_wrapped():
    style = style_for(640)
    lines = wrap("the masks show that the pipeline runs, not what it sees " * 3, 600, style)
    assert len(lines) > 1
    assert all(text_size(line, style)[0] <= 600 for line in lines)


@pytest.mark.parametrize("text", ["", "   "])
def test_wrapping_nothing_gives_no_line(text):
    assert wrap(text, 100, style_for(640)) == []


def test_a_tiny_picture_can_be_drawn_on():
    tiny = np.zeros((4, 3, 3), np.uint8)
    drawn = draw_masks(tiny, np.ones((1, 4, 3)), ["a label"], 0.5, "a caption of several words")
    assert drawn.shape == tiny.shape


@pytest.mark.parametrize(
    ("masks", "labels"),
    [
        (np.zeros((1, 272, 640)), []),
        (np.zeros((1, 271, 640)), ["a"]),
        (np.zeros((272, 640)), ["a"]),
    ],
)
def test_shapes_have_to_fit(masks, labels):
    with pytest.raises(ValueError, match="expected masks of shape"):
        draw_masks(GREY, masks, labels, 0.5)

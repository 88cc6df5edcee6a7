import itertools

import numpy as np
import pytest

from mobileinst_deploy.drawing import colour, draw_masks
from mobileinst_deploy.lettering import style_for, text_size

GREY = np.full((272, 640, 3), 128, np.uint8)


def disc(y: int, x: int, radius: int, height: int = 272, width: int = 640) -> np.ndarray:
    rows, columns = np.ogrid[:height, :width]
    return (rows - y) ** 2 + (columns - x) ** 2 < radius**2


def test_colours_are_stable_and_apart():
    assert colour(3) == colour(3)
    pairs = itertools.combinations([colour(index) for index in range(10)], 2)
    assert min(np.abs(np.subtract(a, b)).sum() for a, b in pairs) > 100


def test_a_mask_changes_its_own_pixels_alone():
    mask = disc(130, 300, 50)
    drawn = draw_masks(GREY, mask[None], [""], [0])
    changed = (drawn != GREY).any(2)
    assert changed[mask].all()
    assert not changed[~disc(130, 300, 53)].any()
    assert drawn.dtype == np.uint8
    assert (GREY == 128).all()


def test_the_fill_lets_the_picture_through_and_the_contour_does_not():
    drawn = draw_masks(GREY, disc(130, 300, 50)[None], [""], [0])
    assert drawn[130, 300].tolist() == np.rint(0.55 * 128 + 0.45 * np.array(colour(0))).tolist()
    assert np.abs(drawn[130].astype(int) - colour(0)).max(1).min() < 20


def test_a_colour_goes_by_its_number_and_not_by_the_place():
    masks = np.stack([disc(130, 150, 50), disc(130, 450, 50)])
    one = draw_masks(GREY, masks, ["", ""], [7, 3])
    other = draw_masks(GREY, masks[::-1], ["", ""], [3, 7])
    assert (one == other).all()
    assert (one != draw_masks(GREY, masks, ["", ""], [3, 7])).any()


def test_the_last_mask_lies_on_top():
    masks = np.stack([disc(130, 300, 80), disc(130, 300, 40)])
    drawn = draw_masks(GREY, masks, ["", ""], [1, 2])
    assert np.abs(drawn[130, 339].astype(int) - colour(2)).max() < 20


def test_an_empty_mask_leaves_no_trace():
    empty = np.zeros((1, 272, 640), bool)
    assert (draw_masks(GREY, empty, ["cat"], [0]) == GREY).all()


def test_labels_of_masks_at_one_place_do_not_cover_each_other():
    masks = np.repeat(disc(130, 300, 100)[None], 6, axis=0)
    drawn = draw_masks(GREY, masks, ["label"] * 6, range(6))
    boxes = [(drawn == colour(number)).all(2).sum() for number in range(6)]
    assert min(boxes) > 0.8 * max(boxes)


def test_a_label_does_not_lie_on_the_caption():
    mask = disc(271, 300, 20)
    drawn = draw_masks(GREY, mask[None], ["a cat"], [1], "a caption")
    plain = draw_masks(GREY, mask[None], [""], [1], "a caption")
    rows = np.flatnonzero((drawn != plain).any((1, 2)))
    assert 240 < rows[-1] < 252


def test_a_label_lies_in_the_middle_of_its_mask():
    drawn = draw_masks(GREY, disc(130, 300, 100)[None], ["cat 0.9"], [0])
    box = (drawn == colour(0)).all(2)[100:160, 260:340]
    assert box.sum() > 300


@pytest.mark.parametrize("centre", [(0, 0), (271, 639), (0, 639), (271, 0)])
def test_a_label_at_the_edge_stays_inside(centre):
    drawn = draw_masks(GREY, disc(*centre, 20)[None], ["a long label 0.99"], [0])
    box = (drawn == colour(0)).all(2)
    assert box.sum() > text_size("a long label 0.99", style_for(640))[0] * 10


@pytest.mark.parametrize("width", [640, 1280])
def test_letters_are_large_enough_to_read(width):
    assert text_size("H", style_for(width))[1] >= max(9, width // 80)


@pytest.mark.parametrize(("height", "width"), [(272, 640), (720, 1280)])
def test_a_caption_is_a_strip_at_the_bottom(height, width):
    picture = np.full((height, width, 3), 200, np.uint8)
    drawn = draw_masks(picture, np.empty((0, height, width), bool), [], [], "untrained")
    changed = (drawn != picture).any((1, 2))
    assert changed[-10:].all()
    assert not changed[: -height // 5].any()
    assert drawn[changed].max() > 240
    assert drawn[-1].max() == 60


def test_a_tiny_picture_can_be_drawn_on():
    tiny = np.zeros((4, 3, 3), np.uint8)
    drawn = draw_masks(
        tiny, np.ones((1, 4, 3), bool), ["a label"], [0], "a caption of several words"
    )
    assert drawn.shape == tiny.shape


@pytest.mark.parametrize(
    ("masks", "labels"),
    [
        (np.zeros((1, 272, 640), bool), []),
        (np.zeros((1, 271, 640), bool), ["a"]),
        (np.zeros((272, 640), bool), ["a"]),
        (np.zeros((1, 272, 640), np.float32), ["a"]),
    ],
)
def test_shapes_and_types_have_to_fit(masks, labels):
    with pytest.raises(ValueError, match="expected boolean masks of shape"):
        draw_masks(GREY, masks, labels, range(len(labels)))


def test_every_mask_has_a_colour():
    with pytest.raises(ValueError, match="shorter than"):
        draw_masks(GREY, np.zeros((2, 272, 640), bool), ["a", "b"], [1])

"""Drawn shapes: crisp, filling their square, and different by number."""

import numpy as np
import pytest

from models.synthetic.drawn_sprites import SIDE, draw_sprite
from models.synthetic.shapes import SHAPES


def test_there_are_enough_categories():
    assert len(SHAPES) == 12
    assert {"disc", "square", "triangle", "star", "ring", "cross", "crescent", "heart"} < {*SHAPES}


@pytest.mark.parametrize("category", SHAPES)
def test_a_shape_is_crisp_and_fills_its_square(category: str):
    for number in range(3):
        sprite = draw_sprite(category, number)
        alpha = sprite.picture[..., 3]
        assert (sprite.category, sprite.name) == (category, f"{category}/{number}")
        assert alpha.shape == (SIDE, SIDE)
        assert 0.2 < (alpha > 127).mean() < 0.95
        assert ((alpha > 0) & (alpha < 255)).mean() < 0.05
        extent = [np.ptp(np.flatnonzero((alpha > 127).any(axis))) for axis in (0, 1)]
        assert max(extent) > 0.85 * SIDE


@pytest.mark.parametrize("category", SHAPES)
def test_numbers_are_told_apart(category: str):
    """Over what both cover, by far more than the noise of a camera."""
    sprites = [draw_sprite(category, number).picture.astype(int) for number in range(5)]
    for index, sprite in enumerate(sprites):
        for other in sprites[:index]:
            both = (sprite[..., 3] > 127) & (other[..., 3] > 127)
            assert np.abs(sprite[both] - other[both])[:, :3].mean() > 15


def test_a_number_is_the_same_sprite():
    first, again = (draw_sprite("star", 7).picture for _ in range(2))
    np.testing.assert_array_equal(first, again)


def test_a_sprite_has_a_texture():
    for category in SHAPES:
        picture = draw_sprite(category, 1).picture
        assert picture[picture[..., 3] == 255][:, :3].std(0).max() > 20


def test_an_unknown_category_is_refused():
    with pytest.raises(ValueError, match="unknown shape 'blob': known are disc, square"):
        draw_sprite("blob", 0)

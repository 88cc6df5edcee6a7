"""Emoji by the names of their files: which thing is of which kind."""

import pytest

from models.synthetic.emoji import CATEGORY_OF, EMOJI, points_of, sort_emoji


def test_no_point_is_of_two_categories():
    assert len(EMOJI) == 10
    assert sum(len(points_of(text)) for text in EMOJI.values()) == len(CATEGORY_OF) > 500


def test_points_of():
    assert points_of("1f3aa 1f3d8-1f3da 26e9") == [0x1F3AA, 0x1F3D8, 0x1F3D9, 0x1F3DA, 0x26E9]


SORTED = {
    "animal": ["1f436.webp", "1f577-fe0f.webp"],
    "building": ["1f3e0.webp"],
    "food": ["1f34e.webp", "2615.webp"],
    "hand": ["1f446.webp", "1f447-1f3ff.webp"],  # odd sums of points are dark
    "person": ["1f3c3-1f3ff.webp", "1f9d1-1f3ff-200d-1f373.webp", "1f9d1-200d-1f33e.webp"],
    "vehicle": ["1f697.webp"],
}
OTHERS = [
    "1f446-1f3ff.webp", "1f447.webp", "1f447-1f3fb.webp", "1f3c3.webp",  # other tones
    "1f9d1-200d-1f373.webp", "1f9d1-1f3ff-200d-1f33e.webp",
    "1f9d1-1f3fb-200d-1f33e.webp", "1f3c3-200d-2642-fe0f.webp",
    "1f9d1.webp", "1f9d1-200d-1f9b0.webp",  # heads
    "1f468-200d-1f33e.webp", "1f408-200d-2b1b.webp", "1f4a9.webp", "1f5ff.webp",
    "0023-fe0f-20e3.webp", "readme.webp", "1f34f.png", "",
]  # fmt: skip


@pytest.mark.parametrize("backwards", [False, True])
def test_sorting(backwards: bool):
    listed = [name for names in SORTED.values() for name in names]
    names = sorted([*listed, *OTHERS], reverse=backwards)
    found = sort_emoji(names)
    assert tuple(found) == tuple(EMOJI)
    assert {category: names for category, names in found.items() if names} == SORTED


def test_a_thing_that_has_no_dark_form_is_taken_light():
    assert sort_emoji(["1f447.webp"])["hand"] == ["1f447.webp"]

import pytest

from mobileinst_deploy.lettering import Box, box_around, clear_of, style_for, text_size, wrap

STYLE = style_for(640)
BOX = Box(left=10, top=50, width=40, height=10)


def test_a_long_caption_is_wrapped():
    lines = wrap("the masks show that the pipeline runs, not what it sees " * 3, 600, STYLE)
    assert len(lines) > 1
    assert all(text_size(line, STYLE)[0] <= 600 for line in lines)


@pytest.mark.parametrize("text", ["", "   "])
def test_wrapping_nothing_gives_no_line(text):
    assert wrap(text, 100, STYLE) == []


@pytest.mark.parametrize(("x", "y"), [(0, 0), (639, 0), (0, 271), (639, 271), (300, 100)])
def test_a_box_lies_in_the_picture(x, y):
    box = box_around(x, y, "a cat", STYLE, (272, 640))
    assert box.left >= 0
    assert box.top >= 0
    assert box.left + box.width <= 640
    assert box.top + box.height <= 272


PLACES = {
    "nothing in the way": ([], 50),
    "touching is no meeting": ([Box(10, 40, 40, 10), Box(10, 60, 40, 10)], 50),
    "beside": ([Box(50, 50, 40, 10), Box(0, 50, 10, 10)], 50),
    "nearer below": ([Box(20, 46, 40, 10)], 56),
    "nearer above": ([Box(20, 54, 40, 10)], 44),
    "over two": ([Box(10, 52, 40, 10), Box(10, 41, 40, 10)], 62),
    "no room above": ([Box(10, 5, 40, 54)], 59),
    "no room at all": ([Box(0, 0, 100, 100)], 50),
}


@pytest.mark.parametrize(("taken", "top"), PLACES.values(), ids=PLACES)
def test_a_box_gives_way(taken, top):
    assert clear_of(BOX, taken, height=100) == Box(10, top, 40, 10)

import random

import numpy as np
import pytest
from pycocotools import mask as coco

from mobileinst_deploy.errors import InputError
from mobileinst_deploy.tracking.rle import area, decode, encode

SIZES = [(1, 1), (1, 7), (7, 1), (5, 4), (48, 96), (272, 640)]


def some_mask(height: int, width: int, density: float, seed: int) -> np.ndarray:
    """Noise at an odd seed, else one with long runs."""
    random_numbers = np.random.default_rng(seed)
    mask = random_numbers.random((height, width)) < density
    return mask if seed % 2 else np.maximum.accumulate(mask, axis=0)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # pycocotools
@pytest.mark.parametrize(("height", "width"), SIZES)
@pytest.mark.parametrize("density", [0, 0.001, 0.3, 0.999, 1])
@pytest.mark.parametrize("seed", [0, 1])
def test_masks_come_back_and_are_as_pycocotools_has_them(height, width, density, seed):
    mask = some_mask(height, width, density, seed)
    counts = encode(mask)
    theirs = {"size": [height, width], "counts": counts}
    back = decode(counts, height, width)
    assert back.dtype == bool
    assert back.flags.c_contiguous
    assert np.array_equal(back, mask)
    assert np.array_equal(coco.decode(theirs), mask)
    assert area(counts, height, width) == mask.sum() == coco.area(theirs)


def test_a_known_encoding():
    """Runs 1 2 3 4 5: as text 1, 2, 3, then 4-2 and 5-3."""
    columns = [[0, 1, 1], [0, 0, 0], [1, 1, 1], [1, 0, 0], [0, 0, 0]]
    assert decode("12322", 3, 5).T.astype(int).tolist() == columns


GARBAGE = {
    "of another size": ("1232", "expected a run-length encoding of 3x5 = 15 pixels, got 10"),
    "empty": ("", "got 0"),
    "a newline": ("1\n", "a character is none"),
    "beyond the alphabet": ("1p", "a character is none"),
    "not ASCII": ("1é", "a character is none"),
    "half a surrogate": ("1\udc80", "a character is none"),
    "zero byte": ("1\0", "a character is none"),
    "cut off": ("12T", "a number does not end"),
    "endless number": ("P" * 40 + "0", "a number does not end"),
    "only continuations": ("P" * 7, "a number does not end"),
    "negative": ("O?", "a negative length"),
    "negative by its difference": ("123L9", "a negative length"),
    "far too many": ("PPPPPP7" * 50, "pixels, got"),
}


@pytest.mark.parametrize(("counts", "says"), GARBAGE.values(), ids=GARBAGE)
@pytest.mark.parametrize("read", [decode, area])
def test_garbage_is_refused(counts, says, read):
    with pytest.raises(InputError, match=says) as caught:
        read(counts, 3, 5)
    assert str(caught.value).isprintable()


def test_random_text_is_refused_or_is_a_mask():
    """Valid encodings with a few characters changed, which come closest to what is not one."""
    chance = random.Random(0)
    mask = some_mask(20, 30, 0.02, 2)
    refused = 0
    for _ in range(3000):
        text = list(encode(mask))
        for _ in range(chance.randint(1, 3)):
            text[chance.randrange(len(text))] = chr(chance.randint(40, 120))
        try:
            assert area("".join(text), 20, 30) == decode("".join(text), 20, 30).sum()
        except InputError:
            refused += 1
    assert 2500 < refused <= 3000

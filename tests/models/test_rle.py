"""Run lengths by hand, there and back, and what is none."""

import numpy as np
import pytest

from models.errors import DataError
from models.rle import check_runs, decode, decompress, run_lengths

RUNS = {
    "empty": (np.zeros((2, 3), bool), [6]),
    "full": (np.ones((2, 3), bool), [0, 6]),
    "first pixel": (np.eye(2, 3, dtype=bool) & (np.arange(3) == 0), [0, 1, 5]),
    "down the columns": (np.array([[0, 1, 1], [1, 1, 0]], bool), [1, 4, 1]),
    "last pixel": (np.array([[0, 0], [0, 1]], bool), [3, 1]),
}


@pytest.mark.parametrize(("mask", "lengths"), RUNS.values(), ids=RUNS)
def test_run_lengths(mask: np.ndarray, lengths: list[int]):
    assert run_lengths(mask) == check_runs(lengths, *mask.shape) == lengths
    back = decode(lengths, *mask.shape)
    assert np.array_equal(back, mask)
    assert (back.dtype, back.flags.c_contiguous) == (np.bool_, True)


def test_differences_begin_at_the_fourth():
    """Runs 3 5 2 7 23: the last two as 7 - 5 and 23 - 2, and 21 takes two characters."""
    assert decompress("3522e0", 40, 1).tolist() == [3, 5, 2, 7, 23]


WRONG = {
    "no list": ("abc", "expected lengths of runs, got 'abc'"),
    "no whole number": ([1.0, 15], "expected lengths"),
    "a truth": ([True, 15], "expected lengths"),
    "negative": ([-1, 17], "expected lengths"),
    "too few": ([15], "4x4 = 16 pixels, got 15 in"),
    "too many": ([9] * 30, "got 270 in .*…$"),
}


@pytest.mark.parametrize(("runs", "says"), WRONG.values(), ids=WRONG)
def test_no_runs(runs: object, says: str):
    with pytest.raises(DataError, match=says):
        check_runs(runs, 4, 4)

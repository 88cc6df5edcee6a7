"""COCO's run-length encodings of masks.

Runs of zeros and ones in turn, zeros first, down the columns. The compressed form is a text: from
the fourth run on, the difference to the run two before is kept. A number is cut into groups of five
bits, the low ones first, each a character from "0" on; a sixth bit says that more follow, and the
highest of the last five is the sign.
Source: cocodataset/cocoapi, common/maskApi.c, rleToString.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.errors import DataError

Mask = NDArray[np.bool_]  # [h, w]
Runs = NDArray[np.int64]

FIRST = ord("0")
MORE, SIGN, VALUE, BITS = 0x20, 0x10, 0x1F, 5
LONGEST = 7  # characters of a number: 35 bits, and no run has more than 32


def run_lengths(mask: Mask) -> list[int]:
    """[h, w] -> its runs; the first may be 0 long."""
    flat = mask.ravel(order="F")
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    lengths: list[int] = np.diff([0, *changes, flat.size]).tolist()
    return [0, *lengths] if flat[0] else lengths


def decode(runs: Sequence[int] | Runs, height: int, width: int) -> Mask:
    """[height, width] of runs that add up to it: `check_runs` and `decompress` see to that."""
    values = np.arange(len(runs)) % 2 == 1
    return np.ascontiguousarray(np.repeat(values, runs).reshape(width, height).T)


def check_runs(runs: object, height: int, width: int) -> list[int]:
    """Lengths as JSON has them. Raises DataError where they are none, or don't add up."""
    if not isinstance(runs, list) or not all(type(run) is int and run >= 0 for run in runs):
        raise DataError(f"expected lengths of runs, got {shown(runs)}")
    if (total := sum(runs)) != height * width:
        raise DataError(
            f"expected runs that add up to {height}x{width} = {height * width} pixels, got "
            f"{total} in {shown(runs)}"
        )
    return runs


def decompress(counts: str, height: int, width: int) -> Runs:
    """The lengths of the runs, which add up to height × width.

    Raises DataError where they don't, where one is negative, or where the text is no encoding.
    pycocotools hangs or crashes on some of these: check what comes from outside here first.
    """
    lengths = numbers(counts)
    lengths[1::2] = lengths[1::2].cumsum()
    lengths[2::2] = lengths[2::2].cumsum()
    if (lengths < 0).any():
        raise refusal(counts, "a run has a negative length")
    if (total := int(lengths.sum())) != height * width:
        raise DataError(
            f"expected a run-length encoding of {height}x{width} = {height * width} pixels, got "
            f"{total} in {shown(counts)}"
        )
    return lengths


def numbers(counts: str) -> Runs:
    """What the characters stand for, before the differences are added up."""
    codes = np.array([ord(one) - FIRST for one in counts], np.int64)
    if ((codes < 0) | (codes > MORE + VALUE)).any():
        raise refusal(counts, "a character is none of it")
    ends = np.flatnonzero(codes & MORE == 0)
    starts = np.append(0, ends[:-1] + 1)[: len(ends)]
    sizes = ends - starts + 1
    if sizes.sum() != len(codes) or (sizes > LONGEST).any():
        raise refusal(counts, "a number does not end")
    if not len(ends):
        return codes
    shifts = BITS * (np.arange(len(codes)) - np.repeat(starts, sizes))
    values = np.add.reduceat((codes & VALUE) << shifts, starts)
    negative = codes[ends] & SIGN != 0
    return values - np.where(negative, 1 << (BITS * sizes), 0)


def refusal(counts: str, why: str) -> DataError:
    return DataError(f"expected a run-length encoding, got {shown(counts)}: {why}")


def shown(x: object) -> str:
    """The beginning, as a message can have it."""
    text = ascii(x[:20] if isinstance(x, str | list) else x)
    return f"{text}…" if isinstance(x, str | list) and len(x) > 20 else text[:60]

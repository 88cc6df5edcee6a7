"""COCO's compressed run-length encoding of masks.

Runs of zeros and ones in turn, zeros first, down the columns. From the fourth run on, the
difference to the run two before is kept. A number is cut into groups of five bits, the low ones
first, each a character from "0" on; a sixth bit says that more follow, and the highest of the last
five is the sign.
Source: cocodataset/cocoapi, common/maskApi.c, rleToString.
"""

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from mobileinst_deploy.errors import InputError
from mobileinst_deploy.tracking.frames import Mask

FIRST = ord("0")
MORE, SIGN, VALUE, BITS = 0x20, 0x10, 0x1F, 5
LONGEST = 7  # characters of a number: 35 bits, and no run has more than 32


def encode(mask: Mask) -> str:
    """[h, w] -> the counts as ASCII text."""
    counts: bytes = coco.encode(np.asfortranarray(mask, np.uint8))["counts"]
    return counts.decode("ascii")


def decode(counts: str, height: int, width: int) -> Mask:
    """[height, width]. Raises InputError where the text is no encoding of that size."""
    lengths = runs(counts, height, width)
    values = np.arange(len(lengths)) % 2 == 1
    y: Mask = np.repeat(values, lengths).reshape(width, height).T
    return np.ascontiguousarray(y)


def area(counts: str, height: int, width: int) -> int:
    """Pixels of the mask. Raises InputError as `decode` does."""
    return int(runs(counts, height, width)[1::2].sum())


def runs(counts: str, height: int, width: int) -> NDArray[np.int64]:
    """The lengths of the runs, which add up to height × width.

    Raises InputError where they don't, where one is negative, or where the text is no encoding.
    pycocotools hangs or crashes on some of these: check what comes from outside here first.
    """
    lengths = numbers(counts)
    lengths[1::2] = lengths[1::2].cumsum()
    lengths[2::2] = lengths[2::2].cumsum()
    if (lengths < 0).any():
        raise InputError(f"{shown(counts)} is no run-length encoding: a run has a negative length")
    if (total := int(lengths.sum())) != height * width:
        raise InputError(
            f"expected a run-length encoding of {height}x{width} = {height * width} pixels, got "
            f"{total} in {shown(counts)}"
        )
    return lengths


def numbers(counts: str) -> NDArray[np.int64]:
    """What the characters stand for, before the differences are added up."""
    codes = np.array([ord(one) - FIRST for one in counts], np.int64)
    if ((codes < 0) | (codes > MORE + VALUE)).any():
        raise InputError(f"{shown(counts)} is no run-length encoding: a character is none of it")
    ends = np.flatnonzero(codes & MORE == 0)
    starts = np.append(0, ends[:-1] + 1)[: len(ends)]
    sizes = ends - starts + 1
    if sizes.sum() != len(codes) or (sizes > LONGEST).any():
        raise InputError(f"{shown(counts)} is no run-length encoding: a number does not end")
    if not len(ends):
        return codes
    shifts = BITS * (np.arange(len(codes)) - np.repeat(starts, sizes))
    values = np.add.reduceat((codes & VALUE) << shifts, starts)
    negative = codes[ends] & SIGN != 0
    return values - np.where(negative, 1 << (BITS * sizes), 0)


def shown(counts: str) -> str:
    """The beginning, as a message can have it."""
    return ascii(counts if len(counts) <= 20 else f"{counts[:20]}…")

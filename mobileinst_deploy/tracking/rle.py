"""COCO's compressed run-length encoding of masks, whose text comes from a file or a program."""

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from mobileinst_deploy.errors import InputError
from mobileinst_deploy.tracking.frames import Mask
from models import rle
from models.errors import DataError


def encode(mask: Mask) -> str:
    """[h, w] -> the counts as ASCII text."""
    counts: bytes = coco.encode(np.asfortranarray(mask, np.uint8))["counts"]
    return counts.decode("ascii")


def decode(counts: str, height: int, width: int) -> Mask:
    """[height, width]. Raises InputError where the text is no encoding of that size."""
    return rle.decode(runs(counts, height, width), height, width)


def area(counts: str, height: int, width: int) -> int:
    """Pixels of the mask. Raises InputError as `decode` does."""
    return int(runs(counts, height, width)[1::2].sum())


def runs(counts: str, height: int, width: int) -> NDArray[np.int64]:
    """As `models.rle.decompress`, but raises InputError."""
    try:
        return rle.decompress(counts, height, width)
    except DataError as error:
        raise InputError(str(error)) from error

"""Run lengths as COCO's uncompressed RLE has them."""

import numpy as np

from models.synthetic.clip import Mask


def run_lengths(mask: Mask) -> list[int]:
    """Down the columns, one after the other; the first run is of zeros and may be 0 long."""
    flat = mask.ravel(order="F")
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    lengths: list[int] = np.diff([0, *changes, flat.size]).tolist()
    return [0, *lengths] if flat[0] else lengths

"""YOLACT's priors: the boxes that its box branch corrects, one for each row of its outputs."""

import numpy as np
from numpy.typing import NDArray

STRIDES = (8, 16, 32, 64, 128)  # of P3 to P7
SIDES = (24, 48, 96, 192, 384)  # pixels: the root of a prior's area on P3 to P7
RATIOS = (1.0, 0.5, 2.0)  # width / height, in the order of the channels


def priors(height: int, width: int) -> NDArray[np.float32]:
    """Centre x, centre y, width, height [A, 4] in pixels of an image of that size.

    Level by level from P3, in a level row by row, at a place by ratio: the order of YOLACT's
    outputs. Sides and ratios are those of Bolya et al., "YOLACT", ICCV 2019, §4. The released
    weights were trained with squares of the same widths, a slip that their authors kept.
    """
    levels = zip(STRIDES, SIDES, strict=True)
    return np.concatenate([level(height, width, stride, side) for stride, side in levels])


def level(height: int, width: int, stride: int, side: int) -> NDArray[np.float32]:
    """The priors of the map of that stride, which covers the whole image: [rows · columns · 3, 4].

    Where a side is no multiple of the stride, the map's places are a little closer than `stride`.
    """
    rows, columns = (-(-length // stride) for length in (height, width))
    y, x, root = np.meshgrid(
        (np.arange(rows) + 0.5) * height / rows,
        (np.arange(columns) + 0.5) * width / columns,
        np.sqrt(RATIOS),
        indexing="ij",
    )
    boxes = np.stack((x, y, side * root, side / root), axis=-1)
    return boxes.reshape(-1, 4).astype(np.float32)

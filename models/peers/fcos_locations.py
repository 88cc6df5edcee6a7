"""Where FCOS looks: the point in the image that belongs to each row of its outputs."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

STRIDES = (8, 16, 32, 64, 128)  # of P3 to P7
SIZES = (64, 128, 256, 512, 1024)  # pixels: the largest objects that P3 to P7 answer for (§3.2)


class Locations(NamedTuple):
    """Level by level from P3, in a level row by row; L of all levels, in pixels."""

    points: NDArray[np.float32]  # [L, 2], x and y
    sizes: NDArray[np.float32]  # [L], of the level's objects: `SIZES`


def locations(height: int, width: int) -> Locations:
    """Of an image of that size: (⌊s/2⌋ + x·s, ⌊s/2⌋ + y·s) at stride s.

    Source: Tian et al., "FCOS: Fully Convolutional One-Stage Object Detection", ICCV 2019, §3.1.
    """
    levels = [grid(-(-height // stride), -(-width // stride), stride) for stride in STRIDES]
    sizes = np.repeat(np.array(SIZES, np.float32), [len(points) for points in levels])
    return Locations(np.concatenate(levels), sizes)


def grid(rows: int, columns: int, stride: int) -> NDArray[np.float32]:
    """The points of a map: [rows · columns, 2]."""
    y, x = np.meshgrid(places(rows, stride), places(columns, stride), indexing="ij")
    return np.stack((x, y), axis=-1).reshape(-1, 2)


def places(count: int, stride: int) -> NDArray[np.float32]:
    """Along one side: [count]."""
    return np.arange(count, dtype=np.float32) * stride + stride // 2

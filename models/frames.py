"""A picture with its origin."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Frame:
    index: int  # in its video, from 0
    picture: NDArray[np.uint8]  # [h, w, 3] RGB
    source: str = ""  # the file's name


def at_size(frame: Frame, height: int, width: int) -> Frame:
    """The frame as a camera of that size would deliver it (area averages where it shrinks)."""
    if frame.picture.shape[:2] == (height, width):
        return frame
    picture = cv2.resize(frame.picture, (width, height), interpolation=cv2.INTER_AREA)
    return Frame(frame.index, picture.astype(np.uint8, copy=False), frame.source)

"""From mask logits on the network's 1/8 grid to masks of the picture."""

import cv2
import numpy as np
from numpy.typing import NDArray

from models.preprocessing import Preprocessing, place

Floats = NDArray[np.float32]


def confidences(probabilities: Floats, threshold: float) -> NDArray[np.float64]:
    """[n, h, w] -> [n]: each mask's mean probability where it is above the threshold, else 0.

    SparseInst's inference multiplies scores by it.
    """
    inside = probabilities > threshold
    counts = inside.sum(axis=(1, 2))
    sums = np.where(inside, probabilities, 0).sum(axis=(1, 2), dtype=np.float64)
    y: NDArray[np.float64] = sums / np.maximum(counts, 1)
    return y


def restore(probabilities: Floats, height: int, width: int, preprocessing: Preprocessing) -> Floats:
    """Probabilities on the 1/8 grid, [n, h, w], -> [n, height, width] of the picture.

    Bilinear to the network's input, cut to where the picture lies in it (`place`), bilinear to the
    picture, as SparseInst's inference does.
    """
    placement = place(height, width, preprocessing)
    result = np.empty((len(probabilities), height, width), np.float32)
    for index, probability in enumerate(probabilities):
        whole = cv2.resize(probability, (preprocessing.width, preprocessing.height))
        cut = whole[: placement.height, : placement.width]
        result[index] = cv2.resize(cut, (width, height))
    return result

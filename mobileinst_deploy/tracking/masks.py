"""From mask logits on the network's 1/8 grid to masks of the picture."""

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from models.preprocessing import Placement, Preprocessing, place

Floats = NDArray[np.float32]


def confidences(probabilities: Floats, threshold: float) -> NDArray[np.float64]:
    """[n, h, w] -> [n]: each mask's mean probability where it is above the threshold, else 0.

    SparseInst's inference multiplies scores by it.
    """
    inside = probabilities > threshold
    sums = np.einsum("nhw,nhw->n", probabilities, inside, dtype=np.float64)
    y: NDArray[np.float64] = sums / np.maximum(np.count_nonzero(inside, axis=(1, 2)), 1)
    return y


@dataclass(frozen=True)
class View:
    """A picture of the video, and how it lies in the network's input."""

    height: int  # of the picture
    width: int
    placement: Placement  # in the input
    input_height: int
    input_width: int


def find_view(
    picture: tuple[int, int], fitted: tuple[int, int], preprocessing: Preprocessing
) -> View:
    """Of a picture of one size that the graphs get at another; both are (height, width).

    The two differ where the graphs preprocess by themselves and take pictures of one size only.
    """
    placement = place(*fitted, preprocessing)
    return View(*picture, placement, preprocessing.height, preprocessing.width)


def picture_masks(probabilities: Floats, threshold: float, view: View) -> NDArray[np.bool_]:
    """[n, h, w] on the 1/8 grid -> [n, height, width] of the picture: True above the threshold."""
    masks = np.empty((len(probabilities), view.height, view.width), np.bool_)
    restored = np.empty(masks.shape[1:], np.float32)  # one for all: fresh memory costs more
    for probability, mask in zip(probabilities, masks, strict=True):
        np.greater(restore(probability, view, restored), threshold, out=mask)
    return masks


def restore(probability: Floats, view: View, restored: Floats | None = None) -> Floats:
    """Probabilities on the 1/8 grid, [h, w] -> [height, width] of the picture.

    Bilinear to the network's input, cut to where the picture lies in it, bilinear to the picture,
    as SparseInst's inference does. The result is in `restored` where that is given.
    """
    whole = cv2.resize(probability, (view.input_width, view.input_height))
    cut = whole[: view.placement.height, : view.placement.width]
    y = cv2.resize(cut, (view.width, view.height), dst=restored)
    return cast(Floats, y)

"""From a picture to the network's input, defined once. Needs no torch.

1. The picture, [h, w, 3] uint8 RGB, becomes float32 and is enlarged or shrunk to fit into H×W by
   bilinear interpolation with half-pixel centres and no antialiasing ("letterbox" keeps the aspect
   ratio, "stretch" does not).
2. Every pixel is normalised, (x - mean) / std, and lands at the top left.
3. What is left over at the right and at the bottom is 0, which is the mean colour.

In float, since the arithmetic is then the same in OpenCV, PyTorch and every runtime that has a
bilinear resize; OpenCV's uint8 resize is a fixed-point approximation of its own.
"""

from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

ResizeRule = Literal["letterbox", "stretch"]


@dataclass(frozen=True)
class Preprocessing:
    height: int
    width: int
    resize: ResizeRule = "letterbox"
    interpolation: Literal["bilinear"] = "bilinear"
    colour_order: Literal["RGB"] = "RGB"
    # ImageNet's statistics on the scale 0..255, as in SparseInst's and TopFormer's configurations.
    mean: tuple[float, float, float] = (123.675, 116.28, 103.53)
    std: tuple[float, float, float] = (58.395, 57.12, 57.375)


@dataclass(frozen=True)
class Placement:
    """Where a picture lies in the network's input: its size there, from the top left corner."""

    height: int
    width: int


def place(height: int, width: int, preprocessing: Preprocessing) -> Placement:
    """Where a picture of that size comes to lie; at least one pixel in each direction."""
    if preprocessing.resize == "stretch":
        return Placement(preprocessing.height, preprocessing.width)
    scale = min(preprocessing.height / height, preprocessing.width / width)
    return Placement(
        min(preprocessing.height, max(1, round(height * scale))),
        min(preprocessing.width, max(1, round(width * scale))),
    )


def preprocess(picture: NDArray[np.uint8], preprocessing: Preprocessing) -> NDArray[np.float32]:
    """[h, w, 3] uint8 RGB -> [1, 3, H, W] float32.

    Raises ValueError where the picture has another shape or type.
    """
    check_picture(picture)
    placement = place(picture.shape[0], picture.shape[1], preprocessing)
    resized = cv2.resize(
        picture.astype(np.float32),
        (placement.width, placement.height),
        interpolation=cv2.INTER_LINEAR,
    )
    image = np.zeros((1, 3, preprocessing.height, preprocessing.width), np.float32)
    inside = image[0, :, : placement.height, : placement.width]
    planes = zip(inside, preprocessing.mean, preprocessing.std, strict=True)
    for channel, (plane, mean, std) in enumerate(planes):
        np.subtract(resized[..., channel], mean, out=plane)
        plane /= std
    return image


def check_picture(picture: NDArray[Any]) -> None:
    """Raises ValueError unless the array is a non-empty [h, w, 3] uint8 picture."""
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or not picture.size:
        raise ValueError(
            f"expected a picture of shape (h, w, 3) and type uint8, "
            f"got shape {picture.shape} and type {picture.dtype}"
        )

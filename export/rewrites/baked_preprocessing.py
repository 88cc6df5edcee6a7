"""`models.preprocessing` as the first operations of a graph, which then takes the picture.

Enlarging is written as two gathers and a weighted sum for each axis, since runtimes compute the
positions inside their own resize operation in float32: at a width of 500 that moves them by up to
1e-4 of a pixel, and the network's outputs by as much as a fault would.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.preprocessing import Preprocessing, place


class BakedPreprocessing(nn.Module):
    """Picture [1, h, w, 3] uint8 RGB -> image [1, 3, H, W] float32, for one picture size h×w."""

    mean: Tensor
    std: Tensor

    def __init__(self, preprocessing: Preprocessing) -> None:
        super().__init__()
        self.preprocessing = preprocessing
        self.register_buffer("mean", torch.tensor(preprocessing.mean).reshape(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(preprocessing.std).reshape(1, 3, 1, 1))

    def forward(self, picture: Tensor) -> Tensor:
        placement = place(picture.shape[1], picture.shape[2], self.preprocessing)
        x = picture.to(torch.float32).permute(0, 3, 1, 2)
        x = interpolate(interpolate(x, 3, placement.width), 2, placement.height)
        right = self.preprocessing.width - placement.width
        bottom = self.preprocessing.height - placement.height
        return F.pad((x - self.mean) / self.std, (0, right, 0, bottom))


def interpolate(x: Tensor, axis: int, length: int) -> Tensor:
    """Linear interpolation of a 4-D tensor along one axis to `length`, half-pixel centres."""
    size = x.shape[axis]
    if size == length:
        return x
    places = [min(max((i + 0.5) * size / length - 0.5, 0.0), size - 1.0) for i in range(length)]
    low = torch.tensor([int(place) for place in places])
    high = torch.tensor([min(int(place) + 1, size - 1) for place in places])
    shape = [-1 if i == axis else 1 for i in range(4)]
    share = torch.tensor([place - int(place) for place in places]).reshape(shape)
    return x.index_select(axis, low) * (1 - share) + x.index_select(axis, high) * share

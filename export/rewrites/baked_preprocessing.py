"""`models.preprocessing` as the first operations of a graph, which then takes the picture.

Enlarging is written as two gathers and a weighted sum for each axis, since runtimes compute the
positions inside their own resize operation in float32: at a width of 500 that moves them by up to
1e-4 of a pixel, and the network's outputs by as much as a fault would.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from export.rewrites.interpolation import places
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
    found = places(size, length)
    share = torch.tensor(found.share).reshape([-1 if i == axis else 1 for i in range(4)])
    low = x.index_select(axis, torch.tensor(found.low))
    high = x.index_select(axis, torch.tensor(found.high))
    return low * (1 - share) + high * share

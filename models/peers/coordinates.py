"""Where each pixel lies, as two channels more.

Liu et al., "An Intriguing Failing of Convolutional Neural Networks and the CoordConv Solution",
NeurIPS 2018.
"""

import torch
from torch import Tensor


def coordinates(height: int, width: int) -> Tensor:
    """x, then y, of each pixel, -1 to 1 from the first to the last: [1, 2, height, width]."""
    x = torch.linspace(-1, 1, width).expand(height, width)
    y = torch.linspace(-1, 1, height)[:, None].expand(height, width)
    return torch.stack((x, y))[None]


def with_coordinates(x: Tensor, places: Tensor) -> Tensor:
    """[B, D, h, w], [1, 2, h, w] -> [B, D + 2, h, w]."""
    return torch.cat((x, places.to(x).expand(len(x), -1, -1, -1)), dim=1)

"""`models.preprocessing` as the first operations of a graph, which then takes the picture."""

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
        size = (placement.height, placement.width)
        x = picture.to(torch.float32).permute(0, 3, 1, 2)
        if x.shape[2:] != size:
            x = F.interpolate(x, size, mode="bilinear", align_corners=False, antialias=False)
        rest = (0, self.preprocessing.width - size[1], 0, self.preprocessing.height - size[0])
        return F.pad((x - self.mean) / self.std, rest)

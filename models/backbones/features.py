"""What every backbone returns."""

from typing import NamedTuple

from torch import Tensor, nn


class Features(NamedTuple):
    """The feature maps of Fig. 3, each [B, C_i, H_i, W_i]."""

    x3: Tensor  # stride 8
    x4: Tensor  # stride 16
    x5: Tensor  # stride 32
    x6: Tensor  # global features, stride 64


class Backbone(nn.Module):
    """A module image [B, 3, H, W] -> Features that also says how many channels each map has."""

    channels: tuple[int, int, int, int]  # of x3, x4, x5, x6

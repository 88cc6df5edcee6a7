"""What the backbones of the peers return: a pyramid of maps, and no global features."""

from torch import Tensor, nn

Pyramid = tuple[Tensor, ...]  # finest first, each [B, C_i, H/s_i, W/s_i]


class PyramidBackbone(nn.Module):
    """A module image [B, 3, H, W] -> Pyramid; each map has half the sides of the one before.

    H and W are multiples of 32, the last map's stride.
    """

    channels: tuple[int, ...]  # of each map
    strides: tuple[int, ...]  # of each map

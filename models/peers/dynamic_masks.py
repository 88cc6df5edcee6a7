"""CondInst's mask heads: three 1×1 convolutions with weights of their own for each instance.

Tian, Shen and Chen, "Conditional Convolutions for Instance Segmentation", ECCV 2020, §3.1 and 3.2.
n instances, h×w the mask features' size.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.mobileinst.network import apply_kernels
from models.peers.fcos_locations import STRIDES

CHANNELS = 8  # of the mask features, and of a head's hidden layers
STRIDE = STRIDES[0]  # of the mask features
ENLARGEMENT = 2  # of the mask logits, which have stride 4 in the end
# Weights, then biases, of 2 + 8 -> 8 -> 8 -> 1 channels: 169 parameters.
SPLIT = ((2 + CHANNELS) * CHANNELS, CHANNELS * CHANNELS, CHANNELS, CHANNELS, CHANNELS, 1)
PARAMETERS = sum(SPLIT)


class Heads(NamedTuple):
    """The parameters of n heads; weights [1, n, out, in], biases [1, n, out, 1]."""

    weight_1: Tensor  # in: x, y, then the mask features
    weight_2: Tensor
    weight_3: Tensor
    bias_1: Tensor
    bias_2: Tensor
    bias_3: Tensor


def split(parameters: Tensor) -> Heads:
    """[1, n, 169] -> Heads."""
    n = parameters.shape[1]
    outs = (CHANNELS, CHANNELS, 1) * 2
    parts = torch.split_with_sizes(parameters, SPLIT, dim=2)
    return Heads(*(x.reshape(1, n, out, -1) for x, out in zip(parts, outs, strict=True)))


class DynamicMasks(nn.Module):
    """The masks of n chosen places.

    Literally each head is a convolution of 2 + 8 channels, where the two are the distances of every
    pixel from the instance's place, in units of its level's object size. That would hold the eight
    n times. Here the first layer is W·features + w_x·x + w_y·y: the features are multiplied once
    for all instances, and the rest depends on the column or the row alone. The later layers are
    products of matrices, one for each instance.
    """

    def forward(
        self, mask_features: Tensor, parameters: Tensor, points: Tensor, sizes: Tensor
    ) -> Tensor:
        """-> mask logits [1, n, 2h, 2w].

        Args:
            mask_features: [1, 8, h, w].
            parameters: [1, n, 169], rows of CondInst's `controllers`.
            points: [1, n, 2], x and y of the places in pixels.
            sizes: [1, n, 1], the object sizes of their levels in pixels.
        """
        n, (h, w) = parameters.shape[1], mask_features.shape[2:]
        heads = split(parameters)
        x, y = relative(points[:, :, :1], sizes, w), relative(points[:, :, 1:], sizes, h)
        columns = heads.weight_1[..., :1] * x  # [1, n, 8, w]
        rows = heads.weight_1[..., 1:2] * y + heads.bias_1  # [1, n, 8, h]
        kernels = heads.weight_1[..., 2:].reshape(1, n * CHANNELS, CHANNELS)
        maps = (
            apply_kernels(kernels, mask_features)
            + columns.reshape(1, n * CHANNELS, 1, w)
            + rows.reshape(1, n * CHANNELS, h, 1)
        ).relu()
        hidden = maps.reshape(1, n, CHANNELS, h * w)
        hidden = (torch.matmul(heads.weight_2, hidden) + heads.bias_2).relu()
        logits = torch.matmul(heads.weight_3, hidden) + heads.bias_3  # [1, n, 1, h·w]
        return enlarge(logits.reshape(1, n, h, w), ENLARGEMENT)


def relative(place: Tensor, sizes: Tensor, count: int) -> Tensor:
    """(place - pixel) / size along one side: [1, n, 1], [1, n, 1] -> [1, n, 1, count]."""
    pixels = torch.arange(count) * STRIDE + STRIDE // 2
    return ((place - pixels.to(place)) / sizes).unsqueeze(2)


def enlarge(x: Tensor, factor: int) -> Tensor:
    """[B, C, h, w] -> [B, C, f·h, f·w], linear, with pixel i at (i - f / 2) / f for the factor f.

    Places outside take the border. This is how the released code enlarges: by half a fine pixel off
    the usual half-pixel rule. Written with aligned corners, whose positions are exact in float32.
    """
    h, w = x.shape[2:]
    x = torch.cat((x[:, :, :1], x, x[:, :, -1:]), dim=2)
    x = torch.cat((x[..., :1], x, x[..., -1:]), dim=3)
    size = (factor * (h + 1) + 1, factor * (w + 1) + 1)
    x = F.interpolate(x, size, mode="bilinear", align_corners=True)
    start = factor // 2
    return x[:, :, start : start + factor * h, start : start + factor * w]

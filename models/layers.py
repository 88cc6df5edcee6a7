"""Building blocks that the backbones and the decoders share."""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ConvBN(nn.Module):
    """Convolution without bias, then batch norm.

    Shapes: [B, C_in, H, W] -> [B, C_out, ceil(H / stride), ceil(W / stride)] (odd kernels).
    """

    def __init__(
        self, in_channels: int, out_channels: int, kernel: int = 1, stride: int = 1, groups: int = 1
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            in_channels, out_channels, kernel, stride, kernel // 2, groups=groups, bias=False
        )
        self.bn = nn.BatchNorm2d(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.bn(self.conv(x))
        return y


class InvertedResidual(nn.Module):
    """MobileNetV2's block: expand 1×1, depth-wise k×k, project 1×1, with a skip where it fits.

    `act` is ReLU6 in MobileNetV2, ReLU in TopFormer and SeaFormer.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel: int,
        stride: int,
        expansion: int,
        act: Callable[[], nn.Module] = nn.ReLU,
    ) -> None:
        super().__init__()
        hidden = in_channels * expansion
        expand = [ConvBN(in_channels, hidden), act()] if expansion != 1 else []
        self.layers = nn.Sequential(
            *expand,
            ConvBN(hidden, hidden, kernel, stride, groups=hidden),
            act(),
            ConvBN(hidden, out_channels),
        )
        self.has_skip = stride == 1 and in_channels == out_channels

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.layers(x)
        return x + y if self.has_skip else y


def quiet(branch: nn.Sequential) -> None:
    """Makes a residual branch, which ends in a ConvBN, start at a quarter of its size, in place.

    At full size an untrained ResNet-50 makes rounding twenty times as large; at 0, with which
    training often starts, an untrained export would not show the branch.
    """
    last = branch[-1]
    assert isinstance(last, ConvBN)
    nn.init.constant_(last.bn.weight, 0.25)


class ConvMlp(nn.Module):
    """1×1, depth-wise 3×3, ReLU6, 1×1: feed-forward part of TopFormer's and SeaFormer's blocks."""

    def __init__(self, dim: int, ratio: int) -> None:
        super().__init__()
        self.expand = ConvBN(dim, dim * ratio)
        self.depthwise = nn.Conv2d(dim * ratio, dim * ratio, 3, padding=1, groups=dim * ratio)
        self.act = nn.ReLU6()
        self.project = ConvBN(dim * ratio, dim)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.project(self.act(self.depthwise(self.expand(x))))
        return y


class AdaptiveAvgPool(nn.Module):
    """Adaptive average pooling to a size that is known when the network is called.

    A module of its own, so that export can replace it by fixed windows (`rewrites.fixed_pooling`).
    """

    def forward(self, x: Tensor, height: int, width: int) -> Tensor:
        return F.adaptive_avg_pool2d(x, (height, width))


class MultiHeadAttention(nn.Module):
    """Scaled dot-product attention with separate projections, written as matmul, softmax, matmul.

    Every converter takes these, and fvcore counts them; it does not count
    `scaled_dot_product_attention`.

    Shapes: query [B, N, D], key [B, M, C], value [B, M, C] -> [B, N, D].
    """

    def __init__(self, dim: int, num_heads: int, key_dim: int | None = None) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.scale = (dim // num_heads) ** -0.5
        self.query = nn.Linear(dim, dim)
        self.key = nn.Linear(key_dim or dim, dim)
        self.value = nn.Linear(key_dim or dim, dim)
        self.output = nn.Linear(dim, dim)

    def split_heads(self, x: Tensor) -> Tensor:
        b, n, d = x.shape
        return x.reshape(b, n, self.num_heads, d // self.num_heads).transpose(1, 2)  # [B, h, N, d]

    def forward(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        q = self.split_heads(self.query(query) * self.scale)
        k = self.split_heads(self.key(key))
        v = self.split_heads(self.value(value))
        weights = torch.matmul(q, k.transpose(2, 3)).softmax(dim=-1)  # [B, h, N, M]
        mixed = torch.matmul(weights, v).transpose(1, 2).flatten(2)  # [B, N, D]
        y: Tensor = self.output(mixed)
        return y


def sine_position(height: int, width: int, dim: int, temperature: float = 10000.0) -> Tensor:
    """Sine position embedding of DETR and MaskFormer, normalised to 2π over the grid.

    Returns [1, height × width, dim], rows first; the first half of `dim` encodes y, the second x.
    Source: Carion et al., "End-to-End Object Detection with Transformers", appendix A.4.
    """
    half = dim // 2
    index = torch.arange(half)
    frequency = temperature ** (2 * torch.div(index, 2, rounding_mode="floor") / half)  # [half]

    def encode(length: int) -> Tensor:
        position = torch.arange(1, length + 1) / (length + 1e-6) * (2 * math.pi)
        angle = position[:, None] / frequency  # [length, half]
        return torch.stack((angle[:, 0::2].sin(), angle[:, 1::2].cos()), dim=2).flatten(1)

    y = encode(height)[:, None].expand(height, width, half)
    x = encode(width)[None].expand(height, width, half)
    return torch.cat((y, x), dim=2).reshape(1, height * width, dim)

"""Mask decoders: backbone features -> X_mask, the mask features on the 1/8 grid (§3.3, Tab. 5).

Every one is the same three parts in a row: a pyramid (three refined levels), a fusion (to one map
on the 1/8 grid) and a projection (to the mask features). They differ in what the parts are.
D is the decoder's width, H and W the image's sides.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.backbones.features import Features
from models.backbones.pyramid import Pyramid
from models.layers import AdaptiveAvgPool, ConvBN


class Levels(NamedTuple):
    """Three maps [B, D, H/s, W/s] at strides s = 8, 16, 32."""

    p3: Tensor
    p4: Tensor
    p5: Tensor


def laterals(channels: tuple[int, ...], dim: int) -> nn.ModuleList:
    return nn.ModuleList(nn.Conv2d(width, dim, 1) for width in channels[:3])


def convs_3x3(dim: int) -> nn.ModuleList:
    return nn.ModuleList(nn.Conv2d(dim, dim, 3, padding=1) for _ in range(3))


def top_down(x3: Tensor, x4: Tensor, x5: Tensor) -> Levels:
    """Adds each level, enlarged ×2 by nearest neighbour, to the finer one."""
    y4 = x4 + F.interpolate(x5, scale_factor=2.0, mode="nearest")
    y3 = x3 + F.interpolate(y4, scale_factor=2.0, mode="nearest")
    return Levels(y3, y4, x5)


class SemanticEnhancer(nn.Module):
    """Gates and shifts a level by the global features: x · up(σ(x6)) + up(x6) (§3.3).

    Shapes: x [B, D, h, w], x6 [B, C, H/64, W/64] -> [B, D, h, w].
    """

    def __init__(self, global_channels: int, dim: int) -> None:
        super().__init__()
        self.gate = nn.Sequential(ConvBN(global_channels, dim), nn.Hardsigmoid())
        self.shift = ConvBN(global_channels, dim)

    def forward(self, x: Tensor, x6: Tensor) -> Tensor:
        size = x.shape[2:]
        gate = F.interpolate(self.gate(x6), size, mode="bilinear", align_corners=False)
        shift = F.interpolate(self.shift(x6), size, mode="bilinear", align_corners=False)
        return x * gate + shift


class IterativePyramid(nn.Module):
    """The paper's pyramid: laterals, semantic enhancers, a top-down and a bottom-up pass (Fig. 3).

    A 3×3 with ReLU refines each level after each pass. Features -> Levels.
    """

    def __init__(self, channels: tuple[int, int, int, int], dim: int, semantic: bool) -> None:
        super().__init__()
        self.laterals = laterals(channels, dim)
        self.enhancers = (
            nn.ModuleList(SemanticEnhancer(channels[3], dim) for _ in range(3))
            if semantic
            else None
        )
        self.top_down = convs_3x3(dim)
        self.bottom_up = convs_3x3(dim)
        self.act = nn.ReLU()

    def forward(self, features: Features) -> Levels:
        xs = [lateral(x) for lateral, x in zip(self.laterals, features[:3], strict=True)]
        if self.enhancers is not None:
            xs = [enhance(x, features.x6) for enhance, x in zip(self.enhancers, xs, strict=True)]
        y3, y4, y5 = (
            self.act(conv(y)) for conv, y in zip(self.top_down, top_down(*xs), strict=True)
        )
        z4 = y4 + F.max_pool2d(y3, 2)
        z5 = y5 + F.max_pool2d(z4, 2)
        refined = zip(self.bottom_up, (y3, z4, z5), strict=True)
        return Levels(*(self.act(conv(z)) for conv, z in refined))


class PyramidPooling(nn.Module):
    """SparseInst's pyramid pooling: the map beside its averages over n×n windows.

    Source: Cheng et al., "Sparse Instance Activation", CVPR 2022. [B, D, h, w] -> [B, D, h, w].
    """

    def __init__(self, dim: int, windows: tuple[int, ...] = (1, 2, 3, 6)) -> None:
        super().__init__()
        self.windows = windows
        self.pools = nn.ModuleList(AdaptiveAvgPool() for _ in windows)
        self.reduce = nn.ModuleList(nn.Conv2d(dim, dim // 4, 1) for _ in windows)
        self.bottleneck = nn.Conv2d(dim + len(windows) * (dim // 4), dim, 1)
        self.act = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        size = x.shape[2:]
        maps = [
            F.interpolate(
                self.act(reduce(pool(x, n, n))), size, mode="bilinear", align_corners=False
            )
            for n, pool, reduce in zip(self.windows, self.pools, self.reduce, strict=True)
        ]
        y: Tensor = self.act(self.bottleneck(torch.cat((*maps, x), dim=1)))
        return y


class FeaturePyramid(nn.Module):
    """FPN, with or without SparseInst's pooling on its coarsest level.

    Features, or any three maps of strides 8, 16 and 32, finest first -> Levels.
    """

    def __init__(self, channels: tuple[int, ...], dim: int, pooling: bool) -> None:
        super().__init__()
        self.laterals = laterals(channels, dim)
        self.pooling = PyramidPooling(dim) if pooling else nn.Identity()
        self.outputs = convs_3x3(dim)

    def forward(self, features: Features | Pyramid) -> Levels:
        x3, x4, x5 = (lateral(x) for lateral, x in zip(self.laterals, features[:3], strict=True))
        levels = top_down(x3, x4, self.pooling(x5))
        return Levels(*(conv(y) for conv, y in zip(self.outputs, levels, strict=True)))


class ConcatFusion(nn.Module):
    """Enlarges all levels to the 1/8 grid, stacks them, mixes them by a 1×1.

    Levels of width D -> [B, D, H/8, W/8], linear.
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.mix = nn.Conv2d(3 * dim, dim, 1)

    def forward(self, levels: Levels) -> Tensor:
        size = levels.p3.shape[2:]
        enlarged = [
            F.interpolate(level, size, mode="bilinear", align_corners=False) for level in levels[1:]
        ]
        y: Tensor = self.mix(torch.cat((levels.p3, *enlarged), dim=1))
        return y


class MaskDecoder(nn.Module):
    """Features -> X_mask [B, D, H/8, W/8]."""

    def __init__(self, pyramid: nn.Module, fuse: nn.Module, project: nn.Module) -> None:
        super().__init__()
        self.pyramid = pyramid
        self.fuse = fuse
        self.project = project

    def forward(self, features: Features) -> Tensor:
        y: Tensor = self.project(self.fuse(self.pyramid(features)))
        return y


def stacked_projection(dim: int, num_convs: int) -> nn.Sequential:
    """SparseInst's mask branch: 3×3 convolutions with ReLU, then two linear 1×1."""
    convs: list[nn.Module] = []
    for _ in range(num_convs):
        convs += [nn.Conv2d(dim, dim, 3, padding=1), nn.ReLU()]
    return nn.Sequential(*convs, nn.Conv2d(dim, dim, 1), nn.Conv2d(dim, dim, 1))

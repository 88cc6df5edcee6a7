"""FPN, as the three peers that have one use it.

Lin et al., "Feature Pyramid Networks for Object Detection", CVPR 2017. What differs:

|                  | top-down pass | outputs    | coarser maps                                  |
|------------------|---------------|------------|-----------------------------------------------|
| YOLACT           | bilinear      | 3×3, ReLU  | two 3×3 of stride 2 in a row                  |
| CondInst (FCOS)  | nearest       | 3×3        | two 3×3 of stride 2, with a ReLU between them |
| SOLOv2           | nearest       | 3×3        | every second pixel of the last                |
"""

from typing import Literal

import torch.nn.functional as F
from torch import Tensor, nn

from models.backbones.pyramid import Pyramid
from models.peers.initialise import xavier


class StridedConvs(nn.Module):
    """Two maps more, each a 3×3 of stride 2 of the one before: [B, D, h, w] -> two of [B, D, …].

    A side s becomes ceil(s / 2). With `act` the second one sees its input through a ReLU, as P7 of
    RetinaNet (Lin et al., ICCV 2017).
    """

    def __init__(self, dim: int, act: bool) -> None:
        super().__init__()
        self.first = nn.Conv2d(dim, dim, 3, stride=2, padding=1)
        self.second = nn.Conv2d(dim, dim, 3, stride=2, padding=1)
        self.act = nn.ReLU() if act else nn.Identity()

    def forward(self, x: Tensor) -> Pyramid:
        y = self.first(x)
        return y, self.second(self.act(y))


class EverySecondPixel(nn.Module):
    """One map more, the even rows and columns: [B, D, h, w] -> one of [B, D, ceil(h/2), …]."""

    def forward(self, x: Tensor) -> Pyramid:
        return (F.max_pool2d(x, 1, stride=2),)


class FeaturePyramidNetwork(nn.Module):
    """Pyramid of widths `channels` -> Pyramid of width D, then the coarser maps of `extra`.

    Args:
        channels: of the maps that come in, finest first; each has half the sides of the one before.
        upsampling: how the top-down pass enlarges a map ×2.
        act: whether a ReLU follows the output convolutions.
        extra: from the coarsest output to further maps.
    """

    def __init__(
        self,
        channels: tuple[int, ...],
        dim: int,
        upsampling: Literal["nearest", "bilinear"],
        act: bool,
        extra: nn.Module,
    ) -> None:
        super().__init__()
        self.laterals = nn.ModuleList(nn.Conv2d(width, dim, 1) for width in channels)
        self.outputs = nn.ModuleList(nn.Conv2d(dim, dim, 3, padding=1) for _ in channels)
        self.act = nn.ReLU() if act else nn.Identity()
        self.upsampling = upsampling
        self.extra = extra
        xavier(self)

    def enlarge(self, x: Tensor) -> Tensor:
        corners = None if self.upsampling == "nearest" else False
        return F.interpolate(x, scale_factor=2.0, mode=self.upsampling, align_corners=corners)

    def forward(self, maps: Pyramid) -> Pyramid:
        merged = [lateral(x) for lateral, x in zip(self.laterals, maps, strict=True)]
        for finer in range(len(merged) - 2, -1, -1):
            merged[finer] = merged[finer] + self.enlarge(merged[finer + 1])
        outputs = [self.act(conv(x)) for conv, x in zip(self.outputs, merged, strict=True)]
        return (*outputs, *self.extra(outputs[-1]))


def yolact_fpn(channels: tuple[int, ...], dim: int) -> FeaturePyramidNetwork:
    """C3, C4, C5 -> P3 to P7 (Bolya et al., ICCV 2019, §4)."""
    return FeaturePyramidNetwork(channels, dim, "bilinear", True, StridedConvs(dim, act=False))


def fcos_fpn(channels: tuple[int, ...], dim: int) -> FeaturePyramidNetwork:
    """C3, C4, C5 -> P3 to P7, P6 from P5 (Tian et al., "FCOS", ICCV 2019, §3.2)."""
    return FeaturePyramidNetwork(channels, dim, "nearest", False, StridedConvs(dim, act=True))


def solov2_fpn(channels: tuple[int, ...], dim: int) -> FeaturePyramidNetwork:
    """C2, C3, C4, C5 -> P2 to P6 (Wang et al., "SOLOv2", NeurIPS 2020)."""
    return FeaturePyramidNetwork(channels, dim, "nearest", False, EverySecondPixel())

"""SOLOv2's two branches: what each cell of a grid is, and the features that masks are made of.

Wang et al., "SOLOv2: Dynamic and Fast Instance Segmentation", NeurIPS 2020. B images, D the FPN's
width, S the cells along a grid's side, E the kernels' width.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.backbones.pyramid import Pyramid
from models.peers.coordinates import coordinates, with_coordinates
from models.peers.initialise import narrow

GROUPS = 32  # of every group norm
MASK_LEVELS = 4  # P2 to P5 make the mask features


def conv_norm(in_channels: int, out_channels: int, kernel: int = 3) -> nn.Sequential:
    conv = nn.Conv2d(in_channels, out_channels, kernel, padding=kernel // 2, bias=False)
    return nn.Sequential(conv, nn.GroupNorm(GROUPS, out_channels), nn.ReLU())


def tower(in_channels: int, width: int, count: int) -> list[nn.Sequential]:
    return [conv_norm(width if index else in_channels, width) for index in range(count)]


def resize(x: Tensor, height: int, width: int) -> Tensor:
    return F.interpolate(x, (height, width), mode="bilinear", align_corners=False)


class CellHead(nn.Module):
    """A level and S -> category logits [B, classes, S, S] and kernels [B, E, S, S] of its cells.

    The level and its pixels' coordinates are resized to S×S; the kernel branch sees both, the
    category branch the level alone. All levels share the weights.
    """

    def __init__(
        self, dim: int, num_convs: int, head_dim: int, num_classes: int, kernel_dim: int
    ) -> None:
        super().__init__()
        classify = nn.Conv2d(head_dim, num_classes, 3, padding=1)
        generate = nn.Conv2d(head_dim, kernel_dim, 3, padding=1)
        self.category = nn.Sequential(*tower(dim, head_dim, num_convs), classify)
        self.kernel = nn.Sequential(*tower(dim + 2, head_dim, num_convs), generate)
        narrow(self)
        classify.bias = nn.Parameter(torch.full((num_classes,), -math.log(99)))  # a prior of 0.01

    def forward(self, x: Tensor, grid: int) -> tuple[Tensor, Tensor]:
        places = resize(coordinates(*x.shape[2:]), grid, grid)
        cells = resize(x, grid, grid)
        kernels = self.kernel(with_coordinates(cells, places))
        return self.category(cells), kernels


class MaskFeatures(nn.Module):
    """P2 to P5 -> mask features [B, E, H/4, W/4], 0 or more: the unified mask feature branch.

    Each level is brought to P2's size by 3×3 and ×2 in turn, then all are added; P5 sees its
    pixels' coordinates too.
    """

    def __init__(self, dim: int, mask_dim: int, kernel_dim: int) -> None:
        super().__init__()
        self.levels = nn.ModuleList([conv_norm(dim, mask_dim)])
        for level in range(1, MASK_LEVELS):
            layers: list[nn.Module] = []
            width = dim + 2 if level == MASK_LEVELS - 1 else dim
            for _ in range(level):
                layers += [
                    conv_norm(width, mask_dim),
                    nn.Upsample(scale_factor=2.0, mode="bilinear", align_corners=False),
                ]
                width = mask_dim
            self.levels.append(nn.Sequential(*layers))
        self.project = conv_norm(mask_dim, kernel_dim, kernel=1)
        narrow(self)

    def forward(self, levels: Pyramid) -> Tensor:
        *finer, coarsest = levels
        located = with_coordinates(coarsest, coordinates(*coarsest.shape[2:]))
        first, *enlarged = (
            layers(x) for layers, x in zip(self.levels, (*finer, located), strict=True)
        )
        total = first
        for x in enlarged:
            total = total + x
        y: Tensor = self.project(total)
        return y

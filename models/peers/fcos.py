"""The head of FCOS: at every place of five maps a class, a box and how central the place is in it.

Tian et al., "FCOS: Fully Convolutional One-Stage Object Detection", ICCV 2019, with what its
authors improved later: the centre-ness comes from the box tower, and distances are ReLU(s·x) in
strides instead of exp(s·x). B images, L places (`fcos_locations`), D channels.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from models.backbones.pyramid import Pyramid
from models.peers.fcos_locations import STRIDES
from models.peers.initialise import narrow

GROUPS = 32  # of every group norm
TOWER_CONVS = 4  # (§3.1, Fig. 2)


class Detections(NamedTuple):
    class_logits: Tensor  # [B, L, classes]; sigmoid gives probabilities
    boxes: Tensor  # [B, L, 4], pixels from the place to the left, top, right and bottom, ≥ 0
    centerness: Tensor  # [B, L, 1], a logit; the score is probability times centre-ness


def tower(dim: int) -> nn.Sequential:
    """[B, D, h, w] -> [B, D, h, w]."""
    layers: list[nn.Module] = []
    for _ in range(TOWER_CONVS):
        layers += [nn.Conv2d(dim, dim, 3, padding=1), nn.GroupNorm(GROUPS, dim), nn.ReLU()]
    return nn.Sequential(*layers)


def rows_of(maps: list[Tensor]) -> Tensor:
    """Maps [B, C, h_i, w_i], finest first -> [B, L, C]."""
    return torch.cat([x.flatten(2) for x in maps], dim=2).transpose(1, 2)


class FcosHead(nn.Module):
    """P3 to P7 of width D -> Detections; all levels share the weights, except a scale for each."""

    def __init__(self, dim: int, num_classes: int) -> None:
        super().__init__()
        self.dim = dim
        self.class_tower = tower(dim)
        self.box_tower = tower(dim)
        self.classify = nn.Conv2d(dim, num_classes, 3, padding=1)
        self.regress = nn.Conv2d(dim, 4, 3, padding=1)
        self.centre = nn.Conv2d(dim, 1, 3, padding=1)
        self.scales = nn.Parameter(torch.ones(len(STRIDES)))
        narrow(self)

    def forward(self, levels: Pyramid) -> tuple[Detections, Pyramid]:
        """The box tower's maps too, on which CondInst builds."""
        boxed = tuple(self.box_tower(x) for x in levels)
        detections = Detections(
            rows_of([self.classify(self.class_tower(x)) for x in levels]),
            rows_of([self.distances(x, level) for level, x in enumerate(boxed)]),
            rows_of([self.centre(x) for x in boxed]),
        )
        return detections, boxed

    def distances(self, x: Tensor, level: int) -> Tensor:
        """ReLU(s·x) · stride, as ReLU(x · (s · stride)): [B, D, h, w] -> [B, 4, h, w]."""
        y: Tensor = (self.regress(x) * (self.scales[level] * STRIDES[level])).relu()
        return y

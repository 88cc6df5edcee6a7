"""Mixes the pyramid's levels before they are enlarged, not after.

A 1×1 convolution acts on each pixel alone and bilinear enlarging on each channel alone, so they
commute: A·[p3, up(p4), up(p5)] = A₃·p3 + up(A₄·p4) + up(A₅·p5). The 1×1 then runs on the coarse
grids: 0.35 GMACs less at 320×640, and no 3D-wide map on the 1/8 grid.
"""

import torch.nn.functional as F
from torch import Tensor, nn

from export.rewrites.replace import Root, replace_modules
from models.mobileinst.mask_decoder import ConcatFusion, Levels


def commute_fusion(network: Root) -> Root:
    """A copy in which every ConcatFusion is a CommutedFusion."""
    return replace_modules(network, ConcatFusion, CommutedFusion)


class CommutedFusion(nn.Module):
    """Levels -> [B, D, H/8, W/8], equal to the ConcatFusion it is made from."""

    def __init__(self, fusion: ConcatFusion) -> None:
        super().__init__()
        self.mix_p3, self.mix_p4, self.mix_p5 = split_mix(fusion.mix)

    def forward(self, levels: Levels) -> Tensor:
        y: Tensor = self.mix_p3(levels.p3)
        size = y.shape[2:]
        for mix, level in ((self.mix_p4, levels.p4), (self.mix_p5, levels.p5)):
            y = y + F.interpolate(mix(level), size, mode="bilinear", align_corners=False)
        return y


def split_mix(mix: nn.Conv2d) -> tuple[nn.Conv2d, nn.Conv2d, nn.Conv2d]:
    """The 1×1 on three stacked levels as one 1×1 a level; the first keeps the bias."""
    dim = mix.out_channels
    parts = []
    for index, weight in enumerate(mix.weight.detach().chunk(3, dim=1)):
        part = nn.Conv2d(dim, dim, 1, bias=index == 0)
        part.weight.data = weight.clone()
        if index == 0 and part.bias is not None and mix.bias is not None:
            part.bias.data = mix.bias.detach().clone()
        parts.append(part)
    return parts[0], parts[1], parts[2]

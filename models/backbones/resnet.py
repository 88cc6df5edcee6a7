"""ResNet: stages of residual blocks, C2 to C5 at strides 4, 8, 16 and 32.

He et al., "Deep Residual Learning for Image Recognition", CVPR 2016, Tab. 1. A bottleneck that
halves the map does so in its 3×3, not in its first 1×1 as in the paper: so do the weights that
detectors start from and the published 4.1 GMACs of ResNet-50.
"""

from dataclasses import dataclass

from torch import Tensor, nn

from models.backbones.pyramid import Pyramid, PyramidBackbone
from models.layers import ConvBN, quiet

STEM_CHANNELS = 64


@dataclass(frozen=True)
class ResNetConfig:
    depths: tuple[int, int, int, int]  # blocks of C2 to C5
    bottleneck: bool  # 1×1, 3×3, 1×1 instead of 3×3, 3×3


RESNETS = {
    "resnet18": ResNetConfig(depths=(2, 2, 2, 2), bottleneck=False),
    "resnet50": ResNetConfig(depths=(3, 4, 6, 3), bottleneck=True),
}


def basic(in_channels: int, width: int, stride: int) -> nn.Sequential:
    """[B, in_channels, H, W] -> [B, width, H / stride, W / stride]."""
    return nn.Sequential(
        ConvBN(in_channels, width, 3, stride),
        nn.ReLU(),
        ConvBN(width, width, 3),
    )


def bottleneck(in_channels: int, width: int, stride: int) -> nn.Sequential:
    """[B, in_channels, H, W] -> [B, 4 · width, H / stride, W / stride]."""
    return nn.Sequential(
        ConvBN(in_channels, width),
        nn.ReLU(),
        ConvBN(width, width, 3, stride),
        nn.ReLU(),
        ConvBN(width, 4 * width),
    )


class Residual(nn.Module):
    """ReLU(layers(x) + x), with a 1×1 projection of x where the shape changes (Eq. 2).

    The layers end in a ConvBN.
    """

    def __init__(
        self, layers: nn.Sequential, in_channels: int, out_channels: int, stride: int
    ) -> None:
        super().__init__()
        self.layers = layers
        same = in_channels == out_channels and stride == 1
        self.shortcut = nn.Identity() if same else ConvBN(in_channels, out_channels, 1, stride)
        self.act = nn.ReLU()
        quiet(layers)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.act(self.layers(x) + self.shortcut(x))
        return y


def stage(config: ResNetConfig, index: int, in_channels: int) -> nn.Sequential:
    """The blocks of C2 (index 0) to C5 (index 3); the first one halves the map from C3 on."""
    width = STEM_CHANNELS * 2**index
    make, out_channels = (bottleneck, 4 * width) if config.bottleneck else (basic, width)
    blocks = []
    for block in range(config.depths[index]):
        stride = 2 if index and not block else 1
        blocks.append(Residual(make(in_channels, width, stride), in_channels, out_channels, stride))
        in_channels = out_channels
    return nn.Sequential(*blocks)


class ResNet(PyramidBackbone):
    """Image [B, 3, H, W] -> C2, C3, C4, C5."""

    strides = (4, 8, 16, 32)

    def __init__(self, config: ResNetConfig) -> None:
        super().__init__()
        expansion = 4 if config.bottleneck else 1
        self.channels = tuple(expansion * STEM_CHANNELS * 2**index for index in range(4))
        self.stem = nn.Sequential(
            ConvBN(3, STEM_CHANNELS, 7, stride=2), nn.ReLU(), nn.MaxPool2d(3, 2, padding=1)
        )
        inputs = (STEM_CHANNELS, *self.channels)
        self.stages = nn.ModuleList(stage(config, index, inputs[index]) for index in range(4))

    def forward(self, image: Tensor) -> Pyramid:
        x = self.stem(image)
        maps = []
        for blocks in self.stages:
            x = blocks(x)
            maps.append(x)
        return tuple(maps)

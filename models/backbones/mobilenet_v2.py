"""MobileNetV2, width 1.0: inverted residuals, C2 to C5 at strides 4, 8, 16 and 32.

Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", CVPR 2018, Tab. 2. The
last 1×1 to 1280 channels belongs to the classifier and is left out, as in detectors.
"""

from torch import Tensor, nn

from models.backbones.pyramid import Pyramid, PyramidBackbone
from models.layers import ConvBN, InvertedResidual, quiet

STEM_CHANNELS = 32
# Expansion t, output channels c, repeats n, stride s of the first of these (Tab. 2).
ROWS = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
TAPS = (1, 2, 4, 6)  # rows whose outputs are C2 to C5


def row(in_channels: int, expansion: int, channels: int, repeats: int, stride: int) -> nn.Module:
    first = InvertedResidual(in_channels, channels, 3, stride, expansion, nn.ReLU6)
    rest = [
        InvertedResidual(channels, channels, 3, 1, expansion, nn.ReLU6) for _ in range(repeats - 1)
    ]
    for block in rest:
        quiet(block.layers)
    return nn.Sequential(first, *rest)


class MobileNetV2(PyramidBackbone):
    """Image [B, 3, H, W] -> C2, C3, C4, C5."""

    strides = (4, 8, 16, 32)
    channels = tuple(ROWS[tap][1] for tap in TAPS)

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(ConvBN(3, STEM_CHANNELS, 3, stride=2), nn.ReLU6())
        inputs = (STEM_CHANNELS, *(channels for _, channels, _, _ in ROWS))
        self.rows = nn.ModuleList(
            row(width, *settings) for width, settings in zip(inputs, ROWS, strict=False)
        )

    def forward(self, image: Tensor) -> Pyramid:
        x = self.stem(image)
        maps = []
        for index, blocks in enumerate(self.rows):
            x = blocks(x)
            if index in TAPS:
                maps.append(x)
        return tuple(maps)

"""TopFormer: a token pyramid of MobileNetV2 blocks and a small transformer on its pooled tokens.

Zhang et al., "TopFormer: Token Pyramid Transformer for Mobile Semantic Segmentation", CVPR 2022.
MobileInst takes the pyramid's maps and the transformer's output; the semantic injection module of
the segmentation network is not part of it.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from models.backbones.features import Backbone, Features
from models.layers import AdaptiveAvgPool, ConvBN, ConvMlp, InvertedResidual


@dataclass(frozen=True)
class TopFormerConfig:
    rows: tuple[tuple[int, int, int, int], ...]  # kernel, expansion, output channels, stride
    taps: tuple[int, int, int, int]  # rows whose outputs are the pyramid, strides 4, 8, 16, 32
    num_heads: int
    depth: int = 4  # transformer blocks
    key_dim: int = 16  # channels of one head's query and key
    attention_ratio: int = 2  # value channels per key channel
    mlp_ratio: int = 2
    stem_channels: int = 16


# From the released configurations local_configs/topformer/topformer_{tiny,small,base}.py.
TOPFORMERS = {
    "topformer-tiny": TopFormerConfig(
        rows=(
            (3, 1, 16, 1),
            (3, 4, 16, 2),
            (3, 3, 16, 1),
            (5, 3, 32, 2),
            (5, 3, 32, 1),
            (3, 3, 64, 2),
            (3, 3, 64, 1),
            (5, 6, 96, 2),
            (5, 6, 96, 1),
        ),
        taps=(2, 4, 6, 8),
        num_heads=4,
    ),
    "topformer-small": TopFormerConfig(
        rows=(
            (3, 1, 16, 1),
            (3, 4, 24, 2),
            (3, 3, 24, 1),
            (5, 3, 48, 2),
            (5, 3, 48, 1),
            (3, 3, 96, 2),
            (3, 3, 96, 1),
            (5, 6, 128, 2),
            (5, 6, 128, 1),
            (3, 6, 128, 1),
        ),
        taps=(2, 4, 6, 9),
        num_heads=6,
    ),
    "topformer-base": TopFormerConfig(
        rows=(
            (3, 1, 16, 1),
            (3, 4, 32, 2),
            (3, 3, 32, 1),
            (5, 3, 64, 2),
            (5, 3, 64, 1),
            (3, 3, 128, 2),
            (3, 3, 128, 1),
            (5, 6, 160, 2),
            (5, 6, 160, 1),
            (3, 6, 160, 1),
        ),
        taps=(2, 4, 6, 9),
        num_heads=8,
    ),
}


class Attention(nn.Module):
    """Multi-head attention over the pixels of a small map, with 1×1 conv-bn projections.

    The released TopFormer does not scale the logits by key_dim^-0.5, and neither does this.

    Shapes: [B, C, H, W] -> [B, C, H, W].
    """

    def __init__(self, dim: int, num_heads: int, key_dim: int, attention_ratio: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.query = ConvBN(dim, num_heads * key_dim)
        self.key = ConvBN(dim, num_heads * key_dim)
        self.value = ConvBN(dim, num_heads * key_dim * attention_ratio)
        self.act = nn.ReLU6()
        self.project = ConvBN(num_heads * key_dim * attention_ratio, dim)
        # Logits of variance 1 without a scale, and a quiet residual branch, at the start: the
        # released code starts that branch at 0, where an untrained export would not show it.
        nn.init.constant_(self.query.bn.weight, key_dim**-0.5)
        nn.init.constant_(self.project.bn.weight, 0.25)

    def split_heads(self, x: Tensor) -> Tensor:
        b, c, h, w = x.shape
        return x.reshape(b, self.num_heads, c // self.num_heads, h * w)  # [B, heads, c, HW]

    def forward(self, x: Tensor) -> Tensor:
        b, _, h, w = x.shape
        query = self.split_heads(self.query(x)).transpose(2, 3)
        weights = torch.matmul(query, self.split_heads(self.key(x))).softmax(dim=-1)
        value = self.split_heads(self.value(x)).transpose(2, 3)
        mixed = torch.matmul(weights, value).transpose(2, 3)  # [B, heads, c, HW]
        y: Tensor = self.project(self.act(mixed.reshape(b, -1, h, w)))
        return y


class Block(nn.Module):
    def __init__(self, dim: int, config: TopFormerConfig) -> None:
        super().__init__()
        self.attention = Attention(dim, config.num_heads, config.key_dim, config.attention_ratio)
        self.mlp = ConvMlp(dim, config.mlp_ratio)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(x)
        y: Tensor = x + self.mlp(x)
        return y


class TopFormer(Backbone):
    """Image [B, 3, H, W] -> Features; x6 stacks all four pooled pyramid levels, then attends."""

    def __init__(self, config: TopFormerConfig) -> None:
        super().__init__()
        self.taps = config.taps
        self.stem = nn.Sequential(ConvBN(3, config.stem_channels, 3, stride=2), nn.ReLU())
        inputs = (config.stem_channels, *(channels for _, _, channels, _ in config.rows))
        self.pyramid = nn.ModuleList(
            InvertedResidual(width, channels, kernel, stride, expansion)
            for width, (kernel, expansion, channels, stride) in zip(
                inputs, config.rows, strict=False
            )
        )
        tapped = [config.rows[tap][2] for tap in config.taps]
        self.channels = (tapped[1], tapped[2], tapped[3], sum(tapped))
        self.pool = AdaptiveAvgPool()
        self.blocks = nn.Sequential(*(Block(sum(tapped), config) for _ in range(config.depth)))

    def forward(self, image: Tensor) -> Features:
        x = self.stem(image)
        levels = []
        for row, block in enumerate(self.pyramid):
            x = block(x)
            if row in self.taps:
                levels.append(x)
        height, width = ((side - 1) // 2 + 1 for side in x.shape[2:])
        tokens = torch.cat([self.pool(level, height, width) for level in levels], dim=1)
        _, x3, x4, x5 = levels
        return Features(x3, x4, x5, self.blocks(tokens))

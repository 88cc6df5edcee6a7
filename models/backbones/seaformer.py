"""SeaFormer: MobileNetV2 stages with squeeze-enhanced axial attention on the coarse maps.

Wan et al., "SeaFormer: Squeeze-enhanced Axial Transformer for Mobile Semantic Segmentation",
ICLR 2023. x3, x4, x5 are its stride-8, 16 and 32 maps, x6 its stride-64 map.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.backbones.features import Backbone, Features
from models.layers import ConvBN, ConvMlp, InvertedResidual

Row = tuple[int, int, int, int]  # kernel, expansion, output channels, stride


@dataclass(frozen=True)
class SeaFormerConfig:
    stages: tuple[tuple[Row, ...], ...]  # at strides 4, 8, 16, 32, 64
    depths: tuple[int, ...]  # attention blocks after the last stages, one number a stage
    key_dims: tuple[int, ...]  # channels of one head's query and key
    mlp_ratios: tuple[int, ...]
    num_heads: int
    stem_channels: int = 16
    attention_ratio: int = 2  # value channels per key channel


# From the released seaformer-cls/seaformer.py, SeaFormer_{T,S,B,L}.
SEAFORMERS = {
    "seaformer-tiny": SeaFormerConfig(
        stages=(
            ((3, 1, 16, 1), (3, 4, 16, 2), (3, 3, 16, 1)),
            ((5, 3, 32, 2), (5, 3, 32, 1)),
            ((3, 3, 64, 2), (3, 3, 64, 1)),
            ((5, 3, 128, 2),),
            ((3, 6, 160, 2),),
        ),
        depths=(2, 2),
        key_dims=(16, 24),
        mlp_ratios=(2, 4),
        num_heads=4,
    ),
    "seaformer-small": SeaFormerConfig(
        stages=(
            ((3, 1, 16, 1), (3, 4, 24, 2), (3, 3, 24, 1)),
            ((5, 3, 48, 2), (5, 3, 48, 1)),
            ((3, 3, 96, 2), (3, 3, 96, 1)),
            ((5, 4, 160, 2),),
            ((3, 6, 192, 2),),
        ),
        depths=(3, 3),
        key_dims=(16, 24),
        mlp_ratios=(2, 4),
        num_heads=6,
    ),
    "seaformer-base": SeaFormerConfig(
        stages=(
            ((3, 1, 16, 1), (3, 4, 32, 2), (3, 3, 32, 1)),
            ((5, 3, 64, 2), (5, 3, 64, 1)),
            ((3, 3, 128, 2), (3, 3, 128, 1)),
            ((5, 4, 192, 2),),
            ((3, 6, 256, 2),),
        ),
        depths=(4, 4),
        key_dims=(16, 24),
        mlp_ratios=(2, 4),
        num_heads=8,
    ),
    "seaformer-large": SeaFormerConfig(
        stages=(
            ((3, 3, 32, 1), (3, 4, 64, 2), (3, 4, 64, 1)),
            ((5, 4, 128, 2), (5, 4, 128, 1)),
            ((3, 4, 192, 2), (3, 4, 192, 1)),
            ((5, 4, 256, 2),),
            ((3, 6, 320, 2),),
        ),
        depths=(3, 3, 3),
        key_dims=(16, 20, 24),
        mlp_ratios=(2, 4, 6),
        num_heads=8,
        stem_channels=32,
    ),
}


class AxialPosition(nn.Module):
    """A learnt position embedding of 16 places along one axis, stretched to the axis' length."""

    def __init__(self, dim: int, places: int = 16) -> None:
        super().__init__()
        self.embedding = nn.Parameter(torch.randn(1, dim, places))

    def forward(self, x: Tensor) -> Tensor:  # [B, C, L] -> [B, C, L]
        return x + F.interpolate(self.embedding, x.shape[2], mode="linear", align_corners=False)


class AxialAttention(nn.Module):
    """Attention along one axis, the other one squeezed by its mean.

    Shapes: query, key [B, h·k, L], value [B, h·v, L] -> [B, h·v, L].
    """

    def __init__(self, num_heads: int, key_dim: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.scale = key_dim**-0.5
        self.query_position = AxialPosition(num_heads * key_dim)
        self.key_position = AxialPosition(num_heads * key_dim)

    def split_heads(self, x: Tensor) -> Tensor:
        b, c, length = x.shape
        return x.reshape(b, self.num_heads, c // self.num_heads, length)  # [B, h, c, L]

    def forward(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        q = self.split_heads(self.query_position(query)).transpose(2, 3)
        k = self.split_heads(self.key_position(key))
        weights = (torch.matmul(q, k) * self.scale).softmax(dim=-1)  # [B, h, L, L]
        mixed = torch.matmul(weights, self.split_heads(value).transpose(2, 3))  # [B, h, L, c]
        return mixed.transpose(2, 3).flatten(1, 2)


class SeaAttention(nn.Module):
    """Squeeze-enhanced axial attention: row and column attention, gating a depth-wise detail path.

    Shapes: [B, C, H, W] -> [B, C, H, W].
    """

    def __init__(self, dim: int, num_heads: int, key_dim: int, attention_ratio: int) -> None:
        super().__init__()
        keys, values = num_heads * key_dim, num_heads * key_dim * attention_ratio
        self.query = ConvBN(dim, keys)
        self.key = ConvBN(dim, keys)
        self.value = ConvBN(dim, values)
        self.rows = AxialAttention(num_heads, key_dim)
        self.columns = AxialAttention(num_heads, key_dim)
        self.project_rows = nn.Sequential(nn.ReLU6(), ConvBN(values, values))
        self.project_columns = nn.Sequential(nn.ReLU6(), ConvBN(values, values))
        self.project = nn.Sequential(nn.ReLU6(), ConvBN(values, dim))
        width = 2 * keys + values
        self.detail = nn.Sequential(
            ConvBN(width, width, 3, groups=width), nn.ReLU6(), ConvBN(width, dim)
        )
        self.gate = nn.Hardsigmoid()

    def forward(self, x: Tensor) -> Tensor:
        query, key, value = self.query(x), self.key(x), self.value(x)
        detail = self.detail(torch.cat((query, key, value), dim=1))
        rows = self.rows(query.mean(3), key.mean(3), value.mean(3)).unsqueeze(3)
        columns = self.columns(query.mean(2), key.mean(2), value.mean(2)).unsqueeze(2)
        mixed = value + self.project_rows(rows) + self.project_columns(columns)
        gated: Tensor = self.gate(self.project(mixed)) * detail
        return gated


class Block(nn.Module):
    def __init__(
        self, dim: int, num_heads: int, key_dim: int, attention_ratio: int, mlp_ratio: int
    ) -> None:
        super().__init__()
        self.attention = SeaAttention(dim, num_heads, key_dim, attention_ratio)
        self.mlp = ConvMlp(dim, mlp_ratio)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(x)
        y: Tensor = x + self.mlp(x)
        return y


class SeaFormer(Backbone):
    """Image [B, 3, H, W] -> Features."""

    def __init__(self, config: SeaFormerConfig) -> None:
        super().__init__()
        self.stem = nn.Sequential(ConvBN(3, config.stem_channels, 3, stride=2), nn.ReLU())
        plain = len(config.stages) - len(config.depths)  # stages without attention
        width = config.stem_channels
        stages: list[nn.Module] = []
        widths: list[int] = []
        for index, rows in enumerate(config.stages):
            layers: list[nn.Module] = []
            for kernel, expansion, channels, stride in rows:
                layers.append(InvertedResidual(width, channels, kernel, stride, expansion))
                width = channels
            if index >= plain:
                layers += [
                    Block(
                        width,
                        config.num_heads,
                        config.key_dims[index - plain],
                        config.attention_ratio,
                        config.mlp_ratios[index - plain],
                    )
                    for _ in range(config.depths[index - plain])
                ]
            stages.append(nn.Sequential(*layers))
            widths.append(width)
        self.stages = nn.ModuleList(stages)
        self.channels = (widths[1], widths[2], widths[3], widths[4])

    def forward(self, image: Tensor) -> Features:
        x = self.stem(image)
        levels = []
        for stage in self.stages:
            x = stage(x)
            levels.append(x)
        return Features(*levels[1:])

"""YOLACT: prototypes for the whole image, and for each anchor the coefficients that mix them.

Bolya et al., "YOLACT: Real-time Instance Segmentation", ICCV 2019. B images, A anchors
(`yolact_priors`), k prototypes. A mask is sigmoid(prototypes · coefficients), cropped by its box;
that, the decoding of boxes and Fast NMS are left to who runs the network.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from models.backbones.pyramid import PyramidBackbone
from models.mobileinst.network import check_size
from models.peers.backbones import build_pyramid
from models.peers.fpn import yolact_fpn
from models.peers.initialise import draw, xavier
from models.peers.peer import Peer
from models.peers.yolact_priors import RATIOS


@dataclass(frozen=True)
class YolactConfig:
    backbone: str = "resnet50"
    num_classes: int = 80  # without the background
    dim: int = 256
    num_prototypes: int = 32


class YolactPrediction(NamedTuple):
    class_logits: Tensor  # [B, A, 1 + classes], softmax gives probabilities; 0 is the background
    boxes: Tensor  # [B, A, 4], encoded against the priors
    coefficients: Tensor  # [B, A, k], -1 to 1
    prototypes: Tensor  # [B, k, H/4, W/4], 0 or more


def conv_relu(in_channels: int, out_channels: int, kernel: int = 3) -> nn.Sequential:
    conv = nn.Conv2d(in_channels, out_channels, kernel, padding=kernel // 2)
    return nn.Sequential(conv, nn.ReLU())


class Protonet(nn.Sequential):
    """P3 [B, D, h, w] -> prototypes [B, k, 2h, 2w], unbounded above (§3.1, Fig. 3)."""

    def __init__(self, dim: int, num_prototypes: int) -> None:
        super().__init__(
            *(conv_relu(dim, dim) for _ in range(3)),
            nn.Upsample(scale_factor=2.0, mode="bilinear", align_corners=False),
            conv_relu(dim, dim),
            conv_relu(dim, num_prototypes, kernel=1),
        )
        xavier(self)


class PredictionHead(nn.Module):
    """One head for all levels: a 3×3, then one each for classes, boxes, coefficients (Fig. 4).

    [B, D, h, w] -> the first three fields of YolactPrediction for the 3 · h · w anchors of a level:
    row by row, at a place by ratio.
    """

    def __init__(self, dim: int, num_classes: int, num_prototypes: int) -> None:
        super().__init__()
        self.shared = conv_relu(dim, dim)
        widths = (1 + num_classes, 4, num_prototypes)
        self.branches = nn.ModuleList(
            nn.Conv2d(dim, len(RATIOS) * width, 3, padding=1) for width in widths
        )
        self.widths = widths
        xavier(self)
        # Where the tanh is nearly linear: farther out it would magnify what float16 rounds.
        draw(self.branches[-1], lambda weight: nn.init.normal_(weight, std=0.0025))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x = self.shared(x)
        class_logits, boxes, coefficients = (
            branch(x).permute(0, 2, 3, 1).reshape(len(x), -1, width)  # [B, A, width]
            for branch, width in zip(self.branches, self.widths, strict=True)
        )
        return class_logits, boxes, coefficients.tanh()


class Yolact(Peer):
    """Image [B, 3, H, W], normalised RGB -> YolactPrediction.

    Raises InputSizeError where H or W is not a multiple of 32.
    """

    def __init__(
        self, backbone: PyramidBackbone, fpn: nn.Module, protonet: nn.Module, head: nn.Module
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.fpn = fpn
        self.protonet = protonet
        self.head = head

    def forward(self, image: Tensor) -> YolactPrediction:
        check_size(*image.shape[2:])
        levels = self.fpn(self.backbone(image)[-3:])
        parts = zip(*(self.head(level) for level in levels), strict=True)
        class_logits, boxes, coefficients = (torch.cat(part, dim=1) for part in parts)
        return YolactPrediction(class_logits, boxes, coefficients, self.protonet(levels[0]))


def build_yolact(config: YolactConfig) -> Yolact:
    """With random weights. Raises UnknownModelError for the backbone."""
    backbone = build_pyramid(config.backbone)
    return Yolact(
        backbone,
        yolact_fpn(backbone.channels[-3:], config.dim),
        Protonet(config.dim, config.num_prototypes),
        PredictionHead(config.dim, config.num_classes, config.num_prototypes),
    )

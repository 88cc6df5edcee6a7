"""CondInst: FCOS whose every place also gives the weights of a small network for its own mask.

Tian, Shen and Chen, "Conditional Convolutions for Instance Segmentation", ECCV 2020. B images,
L places (`fcos_locations`), n chosen ones. Box decoding, NMS and the final enlargement are left to
who runs the network.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from models.backbones.pyramid import Pyramid, PyramidBackbone
from models.layers import ConvBN
from models.peers.backbones import build_pyramid
from models.peers.dynamic_masks import CHANNELS, PARAMETERS, STRIDE, DynamicMasks, enlarge
from models.peers.fcos import Detections, FcosHead, rows_of
from models.peers.fcos_locations import locations
from models.peers.fpn import fcos_fpn
from models.peers.initialise import he, narrow
from models.peers.peer import Peer

MASK_LEVELS = 3  # P3 to P5 make the mask features
MASK_CONVS = 4


@dataclass(frozen=True)
class CondInstConfig:
    backbone: str = "resnet50"
    num_classes: int = 80
    dim: int = 256  # of the FPN and the towers
    mask_dim: int = 128  # of the mask branch, up to its last 1×1


class CondInstPrediction(NamedTuple):
    """The first three fields are FCOS's (`fcos.Detections`)."""

    class_logits: Tensor  # [B, L, classes]; sigmoid gives probabilities
    boxes: Tensor  # [B, L, 4], pixels from the place to the left, top, right and bottom, ≥ 0
    centerness: Tensor  # [B, L, 1], a logit; the score is probability times centre-ness
    controllers: Tensor  # [B, L, 169], the parameters of each place's mask head
    mask_features: Tensor  # [B, 8, H/8, W/8]


def conv_norm(in_channels: int, out_channels: int) -> nn.Sequential:
    return nn.Sequential(ConvBN(in_channels, out_channels, 3), nn.ReLU())


class MaskBranch(nn.Module):
    """P3 to P5 -> mask features [B, 8, H/8, W/8] (§3.1, Fig. 3)."""

    def __init__(self, dim: int, mask_dim: int) -> None:
        super().__init__()
        self.refine = nn.ModuleList(conv_norm(dim, mask_dim) for _ in range(MASK_LEVELS))
        self.layers = nn.Sequential(
            *(conv_norm(mask_dim, mask_dim) for _ in range(MASK_CONVS)),
            nn.Conv2d(mask_dim, CHANNELS, 1),
        )
        he(self)

    def forward(self, levels: Pyramid) -> Tensor:
        total, *coarser = (refine(x) for refine, x in zip(self.refine, levels, strict=True))
        for level, x in enumerate(coarser, start=1):
            total = total + enlarge(x, 2**level)
        y: Tensor = self.layers(total)
        return y


class CondInst(Peer):
    """Image [B, 3, H, W], normalised RGB -> CondInstPrediction."""

    def __init__(
        self, backbone: PyramidBackbone, fpn: nn.Module, head: FcosHead, mask_branch: MaskBranch
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.fpn = fpn
        self.head = head
        self.controller = nn.Conv2d(head.dim, PARAMETERS, 3, padding=1)
        self.mask_branch = mask_branch
        narrow(self.controller)
        self.mask_head = DynamicMasks()

    def forward(self, image: Tensor) -> CondInstPrediction:
        return self.decode(self.levels(image))

    def levels(self, image: Tensor) -> Pyramid:
        """P3 to P7."""
        levels: Pyramid = self.fpn(self.backbone(image)[-MASK_LEVELS:])
        return levels

    def decode(self, levels: Pyramid) -> CondInstPrediction:
        """What follows the FPN."""
        detections: Detections
        detections, boxed = self.head(levels)
        controllers = rows_of([self.controller(x) for x in boxed])
        return CondInstPrediction(*detections, controllers, self.mask_branch(levels[:MASK_LEVELS]))

    def select(self, prediction: Any, n: int) -> dict[str, Tensor]:
        """The inputs of `DynamicMasks` for the n places whose best class is likeliest.

        A place's probability counts by its centre-ness.
        """
        probability = prediction.class_logits[0].amax(1).sigmoid()
        scores = probability * prediction.centerness[0, :, 0].sigmoid()
        best = scores.topk(n).indices
        h, w = prediction.mask_features.shape[2:]
        places = locations(h * STRIDE, w * STRIDE)
        return {
            "mask_features": prediction.mask_features,
            "parameters": prediction.controllers[:, best],
            "points": torch.from_numpy(places.points)[best][None],
            "sizes": torch.from_numpy(places.sizes)[best][None, :, None],
        }


def build_condinst(config: CondInstConfig) -> CondInst:
    """With random weights. Raises UnknownModelError for the backbone."""
    backbone = build_pyramid(config.backbone)
    return CondInst(
        backbone,
        fcos_fpn(backbone.channels[-MASK_LEVELS:], config.dim),
        FcosHead(config.dim, config.num_classes),
        MaskBranch(config.dim, config.mask_dim),
    )

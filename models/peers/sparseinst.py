"""SparseInst: instance activation maps that gather one feature an instance, and no boxes.

Cheng et al., "Sparse Instance Activation for Real-Time Instance Segmentation", CVPR 2022, in its
form with four groups of maps. B images, N instances, D the width, E the kernels' width. The
released code's masks have stride 4: those of stride 8, enlarged. Nothing is suppressed afterwards.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.backbones.pyramid import PyramidBackbone
from models.mobileinst.mask_decoder import ConcatFusion, FeaturePyramid
from models.mobileinst.network import apply_kernels, check_size
from models.peers.backbones import build_pyramid
from models.peers.coordinates import coordinates, with_coordinates
from models.peers.initialise import he, xavier
from models.peers.peer import Peer

CONVS = 4  # 3×3 of either branch (§3.3)
LEVELS = 3  # C3 to C5


@dataclass(frozen=True)
class SparseInstConfig:
    """The defaults are the released sparse_inst_r50_giam's."""

    backbone: str = "resnet50"
    num_classes: int = 80
    num_instances: int = 100
    num_groups: int = 4  # of activation maps an instance
    dim: int = 256
    kernel_dim: int = 128


class SparseInstPrediction(NamedTuple):
    """As MobileInst's, but that masks are on the 1/4 grid."""

    class_logits: Tensor  # [B, N, classes]
    objectness: Tensor  # [B, N, 1], a logit
    kernels: Tensor  # [B, N, E]
    mask_logits: Tensor  # [B, N, H/4, W/4]


def stacked_convs(in_channels: int, dim: int) -> nn.Sequential:
    """3×3 convolutions with ReLU: [B, in_channels, h, w] -> [B, D, h, w]."""
    layers: list[nn.Module] = []
    for width in (in_channels, *(dim,) * (CONVS - 1)):
        layers += [nn.Conv2d(width, dim, 3, padding=1), nn.ReLU()]
    return nn.Sequential(*layers)


def gather(activations: Tensor, features: Tensor) -> Tensor:
    """Means of features, weighted by σ(activations): [B, M, h, w], [B, D, h, w] -> [B, M, D].

    §3.3, Eq. 1: z = Ā · xᵀ, where the weights of each map add up to 1.
    """
    weights = activations.sigmoid()
    weights = weights / weights.sum(dim=(2, 3), keepdim=True).clamp(min=1e-6)
    return torch.matmul(weights.flatten(2), features.flatten(2).transpose(1, 2))


class InstanceBranch(nn.Module):
    """[B, D + 2, h, w] -> the first three fields of SparseInstPrediction (§3.3, group IAM).

    Each group sees its own part of the channels and gives N maps; the groups' features of an
    instance are laid side by side, [B, N, groups · D].
    """

    def __init__(
        self, dim: int, groups: int, instances: int, kernel_dim: int, num_classes: int
    ) -> None:
        super().__init__()
        wide = groups * dim
        self.groups = groups
        self.convs = stacked_convs(dim + 2, dim)
        self.activate = nn.Conv2d(dim, groups * instances, 3, padding=1, groups=groups)
        self.mix = nn.Sequential(nn.Linear(wide, wide), nn.ReLU())
        self.classify = nn.Linear(wide, num_classes)
        self.score = nn.Linear(wide, 1)
        self.kernel = nn.Linear(wide, kernel_dim)
        he(self)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x = self.convs(x)
        gathered = gather(self.activate(x), x)  # [B, groups · N, D], group by group
        batch, rows, dim = gathered.shape
        split = gathered.reshape(batch, self.groups, rows // self.groups, dim)
        z = self.mix(split.transpose(1, 2).reshape(batch, rows // self.groups, -1))
        return self.classify(z), self.score(z), self.kernel(z)


class SparseInst(Peer):
    """Image [B, 3, H, W], normalised RGB -> SparseInstPrediction.

    Raises InputSizeError where H or W is not a multiple of 32.
    """

    def __init__(
        self,
        backbone: PyramidBackbone,
        pyramid: FeaturePyramid,
        fuse: ConcatFusion,
        instances: InstanceBranch,
        mask_branch: nn.Module,
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.pyramid = pyramid
        self.fuse = fuse
        self.instances = instances
        self.mask_branch = mask_branch

    def forward(self, image: Tensor) -> SparseInstPrediction:
        check_size(*image.shape[2:])
        x = self.fuse(self.pyramid(self.backbone(image)[-LEVELS:]))  # [B, D, H/8, W/8]
        x = with_coordinates(x, coordinates(*x.shape[2:]))
        class_logits, objectness, kernels = self.instances(x)
        masks = apply_kernels(kernels, self.mask_branch(x))
        masks = F.interpolate(masks, scale_factor=2.0, mode="bilinear", align_corners=False)
        return SparseInstPrediction(class_logits, objectness, kernels, masks)


def build_sparseinst(config: SparseInstConfig) -> SparseInst:
    """With random weights. Raises UnknownModelError for the backbone."""
    backbone, dim = build_pyramid(config.backbone), config.dim
    pyramid = FeaturePyramid(backbone.channels[-LEVELS:], dim, pooling=True)
    fuse = ConcatFusion(dim)
    instances = InstanceBranch(
        dim, config.num_groups, config.num_instances, config.kernel_dim, config.num_classes
    )
    mask_branch = nn.Sequential(stacked_convs(dim + 2, dim), nn.Conv2d(dim, config.kernel_dim, 1))
    xavier(pyramid)
    he(fuse)
    he(mask_branch)
    return SparseInst(backbone, pyramid, fuse, instances, mask_branch)

"""SOLOv2 and its light form: one mask kernel for each cell of five grids over the image.

Wang et al., "SOLOv2: Dynamic and Fast Instance Segmentation", NeurIPS 2020. B images, C cells (the
squares of the grids' sides, added up), E the kernels' width. The suppression of cells beside a
better one (2×2 maxima of a class's scores) and Matrix NMS are left to who runs the network: the
first compares numbers for equality, which TNN can't do on a phone.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch.nn.functional as F
from torch import Tensor, nn

from models.backbones.pyramid import Pyramid, PyramidBackbone
from models.errors import ConfigError
from models.mobileinst.network import apply_kernels, check_size
from models.peers.backbones import build_pyramid
from models.peers.fcos import rows_of
from models.peers.fpn import solov2_fpn
from models.peers.peer import Peer
from models.peers.solov2_heads import GROUPS, MASK_LEVELS, CellHead, MaskFeatures, resize

GRIDS = (40, 36, 24, 16, 12)  # cells along each side, for P2 to P6


@dataclass(frozen=True)
class Solov2Config:
    """The defaults are the released solov2_r50's; solov2_light's are in `lite`."""

    backbone: str = "resnet50"
    num_classes: int = 80
    dim: int = 256  # of the FPN
    head_convs: int = 4
    head_dim: int = 512
    mask_dim: int = 128  # of the mask feature branch, up to its last 1×1
    kernel_dim: int = 256


def lite(backbone: str) -> Solov2Config:
    """Smaller heads, from the released solov2_light_448 configurations."""
    return Solov2Config(backbone, head_convs=2, head_dim=256, kernel_dim=128)


class Solov2Prediction(NamedTuple):
    """Cells lie grid by grid from P2's, in a grid row by row."""

    category_logits: Tensor  # [B, C, classes], sigmoid gives probabilities
    kernels: Tensor  # [B, C, E]
    mask_features: Tensor  # [B, E, H/4, W/4]


class Masks(nn.Module):
    """M = K · F: mask features [B, E, h, w], kernels [B, n, E] -> mask logits [B, n, h, w].

    SOLOv2's dynamic convolution with kernels of 1×1, as a product of matrices.
    """

    def forward(self, mask_features: Tensor, kernels: Tensor) -> Tensor:
        return apply_kernels(kernels, mask_features)


def to_head(levels: Pyramid) -> Pyramid:
    """P2 at half its size and P6 at P5's, as the released code gives them to the cells' head.

    A bilinear ×1/2 without antialiasing is the mean of 2×2.
    """
    p2, p3, p4, p5, p6 = levels
    return F.avg_pool2d(p2, 2), p3, p4, p5, resize(p6, *p5.shape[2:])


class Solov2(Peer):
    """Image [B, 3, H, W], normalised RGB -> Solov2Prediction.

    Raises InputSizeError where H or W is not a multiple of 32.
    """

    def __init__(
        self, backbone: PyramidBackbone, fpn: nn.Module, cells: CellHead, features: MaskFeatures
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.fpn = fpn
        self.cells = cells
        self.features = features
        self.mask_head = Masks()

    def forward(self, image: Tensor) -> Solov2Prediction:
        check_size(*image.shape[2:])
        levels = self.fpn(self.backbone(image))
        cells = [self.cells(x, grid) for x, grid in zip(to_head(levels), GRIDS, strict=True)]
        category_logits, kernels = (rows_of(list(maps)) for maps in zip(*cells, strict=True))
        return Solov2Prediction(category_logits, kernels, self.features(levels[:MASK_LEVELS]))

    def select(self, outputs: Solov2Prediction, n: int) -> dict[str, Tensor]:
        """The mask head's inputs for the n cells whose best category is likeliest, best first."""
        best = outputs.category_logits.amax(dim=2).topk(n).indices  # [B, n]
        rows = best[:, :, None].expand(-1, -1, outputs.kernels.shape[2])  # [B, n, E]
        kernels = outputs.kernels.gather(1, rows)
        return {"mask_features": outputs.mask_features, "kernels": kernels}


def check_groups(config: Solov2Config) -> None:
    """Raises ConfigError for a width that group norm can't split."""
    for name in ("head_dim", "mask_dim", "kernel_dim"):
        if getattr(config, name) % GROUPS:
            raise ConfigError(
                f"{name} is {getattr(config, name)}, expected a multiple of {GROUPS}: group norm "
                f"takes {GROUPS} groups"
            )


def build_solov2(config: Solov2Config) -> Solov2:
    """With random weights.

    Raises UnknownModelError for its backbone, or ConfigError for a backbone without stride 4 or a
    width that is no multiple of 32.
    """
    check_groups(config)
    backbone = build_pyramid(config.backbone)
    if backbone.strides[0] != 4:
        raise ConfigError(
            f"SOLOv2 needs maps from stride 4 on, but {config.backbone} starts at stride "
            f"{backbone.strides[0]}: take a ResNet or MobileNetV2"
        )
    return Solov2(
        backbone,
        solov2_fpn(backbone.channels, config.dim),
        CellHead(
            config.dim, config.head_convs, config.head_dim, config.num_classes, config.kernel_dim
        ),
        MaskFeatures(config.dim, config.mask_dim, config.kernel_dim),
    )

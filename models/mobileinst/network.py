"""MobileInst, as the paper draws it (Fig. 3)."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from models.backbones.features import Backbone, Features
from models.errors import InputSizeError
from models.mobileinst.instance_decoder import Heads, InstanceDecoder, Instances
from models.mobileinst.mask_decoder import MaskDecoder

SIZE_STEP = 32  # the coarsest pyramid level has to meet the finer ones ×2 without a rest


class Prediction(NamedTuple):
    """What one frame gives. B images, N queries, D the kernels' width."""

    class_logits: Tensor  # [B, N, classes]
    objectness: Tensor  # [B, N, 1], a logit
    kernels: Tensor  # [B, N, D]
    mask_logits: Tensor  # [B, N, H/8, W/8]


def check_size(height: int, width: int) -> None:
    """Raises InputSizeError unless both sides are positive multiples of 32."""
    if height <= 0 or width <= 0 or height % SIZE_STEP or width % SIZE_STEP:
        raise InputSizeError(
            f"input size {height}x{width} can't be used: expected a height and a width that are "
            f"multiples of {SIZE_STEP}, as in 320x640"
        )


def apply_kernels(kernels: Tensor, mask_features: Tensor) -> Tensor:
    """M = K · X_mask (Eq. 2): [B, N, D], [B, D, h, w] -> [B, N, h, w]."""
    h, w = mask_features.shape[2:]
    masks = torch.matmul(kernels, mask_features.flatten(2))  # [B, N, h·w]
    return masks.reshape(*kernels.shape[:2], h, w)


class MobileInst(nn.Module):
    """Image [B, 3, H, W], normalised RGB (`models.preprocessing`) -> Prediction.

    Raises InputSizeError where H or W is not a multiple of 32.
    """

    def __init__(
        self,
        backbone: Backbone,
        mask_decoder: MaskDecoder,
        instance_decoder: InstanceDecoder,
        heads: Heads,
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.mask_decoder = mask_decoder
        self.instance_decoder = instance_decoder
        self.heads = heads

    def forward(self, image: Tensor) -> Prediction:
        check_size(*image.shape[2:])
        return self.decode(self.backbone(image))

    def decode(self, features: Features) -> Prediction:
        """What follows the backbone."""
        mask_features = self.mask_decoder(features)
        instances: Instances = self.heads(self.instance_decoder(features.x6, mask_features))
        logits, objectness, kernels = instances
        return Prediction(logits, objectness, kernels, apply_kernels(kernels, mask_features))

    def reuse(self, image: Tensor, kernels: Tensor) -> Tensor:
        """Kernel reuse (§3.4, Eq. 2): [B, 3, H, W], [B, n, D] -> mask logits [B, n, H/8, W/8]."""
        check_size(*image.shape[2:])
        return apply_kernels(kernels, self.mask_decoder(self.backbone(image)))

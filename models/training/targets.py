"""What an image should have given: its objects."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Targets:
    """The G objects of one image."""

    labels: Tensor  # [G], int64
    masks: Tensor  # [G, H, W] of the network's input, float, 0..1

    def to(self, device: torch.device) -> "Targets":
        return Targets(self.labels.to(device), self.masks.to(device))

    def at_size(self, height: int, width: int) -> "Targets":
        """With masks of the predictions' size: bilinear, and left soft, as in SparseInst's loss."""
        if not len(self.masks):
            return Targets(self.labels, self.masks.new_zeros(0, height, width))
        masks = F.interpolate(
            self.masks[None], (height, width), mode="bilinear", align_corners=False
        )
        return Targets(self.labels, masks[0])


def count_objects(targets: Sequence[Targets]) -> int:
    return sum(len(one.labels) for one in targets)

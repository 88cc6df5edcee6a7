"""What an image should have given: its objects."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Targets:
    """The G objects of one image."""

    labels: Tensor  # [G], int64
    masks: Tensor  # [G, H, W] of the network's input, 0..1; bool as long as nothing blurs them


class PackedTargets(NamedTuple):
    """The objects of B images, one image's behind the other's: a few tensors move faster."""

    labels: Tensor  # [ΣG], int64
    masks: Tensor  # [ΣG, H, W], bool
    counts: tuple[int, ...]  # G of each image

    def split(self) -> tuple[Targets, ...]:
        counts = [*self.counts]
        parts = zip(torch.split(self.labels, counts), torch.split(self.masks, counts), strict=True)
        return tuple(Targets(labels, masks) for labels, masks in parts)


def pack(targets: Sequence[Targets]) -> PackedTargets:
    """Masks are of one size."""
    return PackedTargets(
        torch.cat([each.labels for each in targets]),
        torch.cat([each.masks for each in targets]),
        tuple(len(each.labels) for each in targets),
    )


def at_size(masks: Tensor, height: int, width: int) -> Tensor:
    """Of the predictions' size: bilinear, and left soft, as in SparseInst's loss."""
    if not len(masks):
        return masks.new_zeros((0, height, width), dtype=torch.float32)
    enlarged = F.interpolate(
        masks.float()[None], (height, width), mode="bilinear", align_corners=False
    )
    return enlarged[0]


def count_objects(targets: Sequence[Targets]) -> int:
    return sum(len(one.labels) for one in targets)

"""How much the instances of two trackers overlap in one frame."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mobileinst_deploy.tracking.frames import Instance

Bits = NDArray[np.uint8]  # [n, ceil(pixels / 8)]


@dataclass(frozen=True, eq=False)
class FrameOverlap:
    reference: tuple[int, ...]  # identities
    found: tuple[int, ...]
    ious: NDArray[np.float64]  # [reference, found]


def compare_frames(reference: Sequence[Instance], found: Sequence[Instance]) -> FrameOverlap:
    return FrameOverlap(
        tuple(instance.identity for instance in reference),
        tuple(instance.identity for instance in found),
        mask_ious(packed(reference), packed(found)),
    )


def packed(instances: Sequence[Instance]) -> list[Bits]:
    return [np.packbits(instance.mask) for instance in instances]


def mask_ious(masks: Sequence[Bits], others: Sequence[Bits]) -> NDArray[np.float64]:
    """[m, k] from m and k masks of the same size; 0 where both are empty."""
    areas, other_areas = (np.array([count(m) for m in own], float) for own in (masks, others))
    shared = np.array([[count(a & b) for b in others] for a in masks], np.float64)
    shared = shared.reshape(len(masks), len(others))
    joined = areas[:, None] + other_areas[None, :] - shared
    y: NDArray[np.float64] = shared / np.maximum(joined, 1)
    return y


def count(bits: Bits) -> int:
    return int(np.bitwise_count(bits).sum(dtype=np.int64))

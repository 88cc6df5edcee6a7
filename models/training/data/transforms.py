"""Flip and scale jitter (§4.2), the same on every frame of a pair."""

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.preprocessing import Preprocessing
from models.training.targets import Targets


@dataclass(frozen=True)
class Augmentation:
    """The shorter side is drawn from `short_sides`; the longer one stays at most `longest`."""

    short_sides: tuple[int, ...] = tuple(range(416, 641, 32))
    longest: int = 864
    flip: float = 0.5  # probability

    def __post_init__(self) -> None:
        if not self.short_sides or min(*self.short_sides, self.longest, 1) < 1:
            raise ValueError("expected short_sides and longest from 1 on")
        if not 0 <= self.flip <= 1:
            raise ValueError(f"expected a probability of flip, got {self.flip}")


@dataclass(frozen=True)
class Transform:
    """What was drawn for a picture."""

    height: int
    width: int
    flip: bool


def draw_transform(
    augmentation: Augmentation, height: int, width: int, generator: np.random.Generator
) -> Transform:
    short = int(generator.choice(augmentation.short_sides))
    scale = min(short / min(height, width), augmentation.longest / max(height, width))
    flip = bool(generator.random() < augmentation.flip)
    return Transform(max(1, round(height * scale)), max(1, round(width * scale)), flip)


def apply_to_picture(
    picture: NDArray[np.uint8], transform: Transform, preprocessing: Preprocessing
) -> Tensor:
    """[h, w, 3] RGB -> [3, H, W], normalised; resized in float as `models.preprocessing` does."""
    resized = cv2.resize(picture.astype(np.float32), (transform.width, transform.height))
    mean, std = (np.array(x, np.float32) for x in (preprocessing.mean, preprocessing.std))
    normal = ((resized - mean) / std).transpose(2, 0, 1)
    return torch.from_numpy(np.ascontiguousarray(normal[..., ::-1] if transform.flip else normal))


def apply_to_mask(mask: NDArray[np.bool_], transform: Transform) -> NDArray[np.bool_]:
    resized = cv2.resize(mask.astype(np.float32), (transform.width, transform.height))
    y: NDArray[np.bool_] = resized > 0.5
    return y[:, ::-1] if transform.flip else y


def make_targets(
    labels: list[int], masks: list[NDArray[np.bool_]], transform: Transform
) -> Targets:
    """Objects that have pixels left."""
    moved = [
        (label, apply_to_mask(mask, transform)) for label, mask in zip(labels, masks, strict=True)
    ]
    kept = [(label, mask) for label, mask in moved if mask.any()]
    stacked = np.zeros((len(kept), transform.height, transform.width), np.bool_)
    for place, (_, mask) in enumerate(kept):
        stacked[place] = mask
    return Targets(
        torch.tensor([label for label, _ in kept], dtype=torch.int64), torch.from_numpy(stacked)
    )

"""Boxes and masks that overlap each other here and there."""

import numpy as np


def draw_boxes(count: int, seed: int, side: float = 20) -> np.ndarray:
    """[n, 4] inside a square, of 2 pixels and more."""
    generator = np.random.default_rng(seed)
    low = generator.uniform(0, side / 2, (count, 2))
    return np.concatenate([low, low + generator.uniform(2, side / 2, (count, 2))], 1).astype("f4")


def draw_masks(count: int, seed: int, side: int = 12) -> np.ndarray:
    """[n, side, side] of filled boxes; the last one is empty."""
    masks = np.zeros((count, side, side), bool)
    for mask, (x0, y0, x1, y1) in zip(
        masks, draw_boxes(count, seed, side).astype(int), strict=True
    ):
        mask[y0:y1, x0:x1] = True
    masks[-1] = False
    return masks

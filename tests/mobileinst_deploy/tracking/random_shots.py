"""Frames of `pixel_bundle` in which objects come, go, resemble each other and lose their masks."""

import numpy as np

from models.frames import Frame
from tests.mobileinst_deploy.tracking.pixel_bundle import (
    CELLS,
    CLASSES,
    COUNT,
    DIM,
    QUERIES,
    Levels,
    Shot,
)

OBJECTS = 10
PRESENT = 0.8  # of its chance to be seen in a frame, for each query
NOISE = 12  # pixels; between objects lie some hundred


def random_frames(seed: int, count: int) -> list[Frame]:
    random = np.random.default_rng(seed)
    prototypes = random.integers(0, 256, (OBJECTS, DIM))
    still = shot(random, prototypes)
    frames = []
    for index in range(count):
        if random.random() < 0.5:  # else the picture stays as it is, but for a few pixels
            still = shot(random, prototypes)
        frames.append(flickering(random, still).frame(index))
    return frames


def shot(random: np.random.Generator, prototypes: Levels) -> Shot:
    """Some queries have the scores of others, so that ties are broken, too."""
    objects = random.permutation(OBJECTS)[:QUERIES]
    kernels = prototypes[objects] + random.integers(-NOISE, NOISE + 1, (QUERIES, DIM))
    strange = random.random(QUERIES) > PRESENT
    kernels[strange] = random.integers(0, 256, (int(strange.sum()), DIM))
    class_logits = random.integers(0, 256, (QUERIES, CLASSES))
    objectness = random.integers(60, 256, (QUERIES, 1))
    if random.random() < 0.3:
        original, copy = random.permutation(QUERIES)[:2]
        class_logits[copy], objectness[copy] = class_logits[original], objectness[original]
    return Shot(
        levels(class_logits),
        levels(objectness),
        levels(kernels),
        masks(random, QUERIES),
        masks(random, COUNT),
    )


def masks(random: np.random.Generator, count: int) -> Levels:
    """Now and then without a cell above any threshold."""
    values = random.integers(0, 256, (count, CELLS))
    values[random.random(count) < 0.15] = 20
    return levels(values)


def flickering(random: np.random.Generator, still: Shot) -> Shot:
    reuse_masks = levels(still.reuse_masks + random.integers(-30, 31, still.reuse_masks.shape))
    return Shot(still.class_logits, still.objectness, still.kernels, still.mask_logits, reuse_masks)


def levels(values: Levels) -> Levels:
    return np.clip(values, 0, 255).astype(np.uint8)

"""Sprites that need no files: twelve shapes, each number with its own colours and texture."""

import colorsys
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from models.synthetic.seeds import Split, draw_number
from models.synthetic.shapes import SHAPES, Mask
from models.synthetic.sprites import Sprite
from models.synthetic.textures import PATTERNS, Plane

Colours = NDArray[np.float32]  # [h, w, 3] in 0..1

SIDE = 192  # pixels of a drawn sprite
SUBPIXELS = 3  # along each side, for the outline
ROUNDED = 0.14  # of the side: how far the shading reaches from the outline
LIGHT = (-0.5, -0.62, 0.6)  # from the upper left, towards the viewer


@dataclass(frozen=True)
class DrawnSprites:
    """Every category in SHAPES, in any number of variations."""

    @property
    def categories(self) -> tuple[str, ...]:
        return tuple(SHAPES)

    def check(self, split: Split) -> None:
        """Each split has numbers of its own."""

    def pick(self, random: np.random.Generator, split: Split) -> Sprite:
        category = self.categories[int(random.integers(len(SHAPES)))]
        return draw_sprite(category, draw_number(random, split))

    def describe(self) -> str:
        return "shapes drawn by the generator"


def draw_sprite(category: str, number: int) -> Sprite:
    """The same cut-out for the same number. Raises ValueError for an unknown category."""
    if category not in SHAPES:
        raise ValueError(f"unknown shape {category!r}: known are {', '.join(SHAPES)}")
    key = (tuple(SHAPES).index(category), number)
    random = np.random.default_rng(np.random.SeedSequence(0, spawn_key=key))
    coverage = draw_coverage(category, random)
    colours = paint(random)
    lit, shine = shade(coverage > 0.5)
    colours = np.clip(colours * lit[..., None] + shine[..., None], 0, 1)
    picture = np.dstack([colours, coverage])
    return Sprite(np.rint(picture * 255).astype(np.uint8), category, f"{category}/{number}")


def draw_coverage(category: str, random: np.random.Generator) -> Plane:
    """[SIDE, SIDE] in 0..1, how much of each pixel the shape covers."""
    inside: Mask = SHAPES[category](*plane(SIDE * SUBPIXELS), random)
    blocks = inside.reshape(SIDE, SUBPIXELS, SIDE, SUBPIXELS)
    coverage: Plane = blocks.mean((1, 3), dtype=np.float32)
    return coverage


def paint(random: np.random.Generator) -> Colours:
    """[SIDE, SIDE, 3] in 0..1: two colours that differ well, in a pattern."""
    pattern = PATTERNS[int(random.integers(len(PATTERNS)))]
    amount = pattern(*plane(SIDE), random)[..., None]
    hue, bright = random.uniform(), random.uniform(0.75, 1.0)
    first = colorsys.hsv_to_rgb(hue, random.uniform(0.6, 1.0), bright)
    other = (hue + random.uniform(0.12, 0.5)) % 1
    second = colorsys.hsv_to_rgb(other, random.uniform(0.1, 0.9), random.uniform(0.35, 1.0))
    both = np.array([first, second], np.float32)
    mixed: Colours = both[0] * (1 - amount) + both[1] * amount
    return mixed


def shade(inside: Mask) -> tuple[Plane, Plane]:
    """What multiplies the colours, and the shine that is added: a shape with a rounded rim."""
    depth = cv2.distanceTransform(np.pad(inside, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    reach = ROUNDED * SIDE
    slope = 1 - np.minimum(depth / reach, 1)
    height = cv2.GaussianBlur(np.sqrt(1 - slope**2) * reach, (0, 0), 2.0)
    down, right = np.gradient(height)
    facing = (LIGHT[2] - LIGHT[0] * right - LIGHT[1] * down) / np.sqrt(right**2 + down**2 + 1)
    rim = 0.45 + 0.55 * np.clip(depth / 4, 0, 1)
    lit = (0.45 + 0.75 * np.clip(facing, 0, 1)) * rim
    shine = 0.55 * np.clip(facing, 0, 1) ** 24
    return cast(Plane, lit.astype(np.float32)), cast(Plane, shine.astype(np.float32))


def plane(side: int) -> tuple[Plane, Plane]:
    """x and y of the pixels' centres over [-1, 1]², both [side, side]."""
    centres = ((np.arange(side, dtype=np.float32) + 0.5) * 2 / side - 1).astype(np.float32)
    x, y = np.meshgrid(centres, centres)
    return x, y

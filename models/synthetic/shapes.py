"""The outlines of drawn sprites: which points of the square [-1, 1]² a shape covers.

Each takes x (to the right) and y (downwards), both [n, n], and a generator for its proportions.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]  # [n, n]
Mask = NDArray[np.bool_]  # [n, n]
Shape = Callable[[Plane, Plane, np.random.Generator], Mask]


def disc(x: Plane, y: Plane, random: np.random.Generator) -> Mask:
    return within(x, y / random.uniform(0.75, 1.0), 0.98)


def square(x: Plane, y: Plane, random: np.random.Generator) -> Mask:
    height = random.uniform(0.65, 0.95)
    return (np.abs(x) < 0.95) & (np.abs(y) < height)


def triangle(x: Plane, y: Plane, random: np.random.Generator) -> Mask:
    slope = random.uniform(0.42, 0.55)
    inside: Mask = (y < 0.9) & (np.abs(x) < slope * (y + 0.95))
    return inside


def star(x: Plane, y: Plane, random: np.random.Generator) -> Mask:
    """The straight edges between tips at radius 1 and notches at `notch`."""
    tips, notch = int(random.integers(5, 8)), random.uniform(0.4, 0.55)
    half = np.pi / tips
    turn = np.abs((np.arctan2(x, -y) + half) % (2 * half) - half)  # from the nearest tip
    along, across = np.hypot(x, y) * np.cos(turn), np.hypot(x, y) * np.sin(turn)
    edge_along, edge_across = notch * np.cos(half) - 1, notch * np.sin(half)
    inside: Mask = across * edge_along - (along - 1) * edge_across > 0
    return inside


def ring(x: Plane, y: Plane, random: np.random.Generator) -> Mask:
    return within(x, y, 0.98) & ~within(x, y, random.uniform(0.45, 0.62))


def cross(x: Plane, y: Plane, random: np.random.Generator) -> Mask:
    arm = random.uniform(0.25, 0.4)
    beam = (np.abs(x) < arm) | (np.abs(y) < arm)
    return beam & (np.maximum(np.abs(x), np.abs(y)) < 0.96)


def crescent(x: Plane, y: Plane, random: np.random.Generator) -> Mask:
    shift = random.uniform(0.45, 0.65)
    return within(x, y, 0.98) & ~within(x - shift, y, 0.82)


def heart(x: Plane, y: Plane, random: np.random.Generator) -> Mask:
    wide, up = 1.18 * x, -1.2 * y + 0.1 + random.uniform(-0.05, 0.05)
    beyond = wide**2 + up**2 - 1
    inside: Mask = beyond * beyond * beyond < wide**2 * up * up * up  # a cube is slow as a power
    return inside


def arrow(x: Plane, y: Plane, random: np.random.Generator) -> Mask:
    shaft, neck = random.uniform(0.2, 0.35), random.uniform(-0.15, 0.15)
    head = (x >= neck) & (np.abs(y) < 0.85 * (0.96 - x) / (0.96 - neck))
    inside: Mask = head | ((x > -0.96) & (x < neck) & (np.abs(y) < shaft))
    return inside


def drop(x: Plane, y: Plane, random: np.random.Generator) -> Mask:
    below = np.clip((y + 0.97) / 1.94, 0, 1)  # 0 at the tip, 1 at the bottom
    inside: Mask = np.abs(x) < random.uniform(1.5, 1.9) * below**1.3 * np.sqrt(1 - below)
    return inside


def flower(x: Plane, y: Plane, random: np.random.Generator) -> Mask:
    petals, depth = int(random.integers(5, 9)), random.uniform(0.14, 0.22)
    inside: Mask = np.hypot(x, y) < 0.97 - depth + depth * np.cos(petals * np.arctan2(y, x))
    return inside


def gear(x: Plane, y: Plane, random: np.random.Generator) -> Mask:
    teeth, hub = int(random.integers(8, 13)), random.uniform(0.2, 0.32)
    tooth = np.cos(teeth * np.arctan2(y, x)) > 0
    wheel: Mask = within(x, y, 0.97) & (tooth | within(x, y, 0.76)) & ~within(x, y, hub)
    return wheel


def within(x: Plane, y: Plane, radius: float) -> Mask:
    inside: Mask = x**2 + y**2 < radius**2
    return inside


SHAPES: dict[str, Shape] = {
    "disc": disc,
    "square": square,
    "triangle": triangle,
    "star": star,
    "ring": ring,
    "cross": cross,
    "crescent": crescent,
    "heart": heart,
    "arrow": arrow,
    "drop": drop,
    "flower": flower,
    "gear": gear,
}

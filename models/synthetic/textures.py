"""Patterns of two colours, and band-limited noise.

A pattern takes x and y, both [n, n] over [-1, 1]², and says how much of the second colour is where.
"""

from collections.abc import Callable
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]  # [h, w]
Pattern = Callable[[Plane, Plane, np.random.Generator], Plane]  # -> [n, n] in 0..1


def stripes(x: Plane, y: Plane, random: np.random.Generator) -> Plane:
    u, _ = turned(x, y, random)
    return hardened(np.sin(random.uniform(6, 13) * u + random.uniform(0, 6)))


def checks(x: Plane, y: Plane, random: np.random.Generator) -> Plane:
    u, v = turned(x, y, random)
    pitch = random.uniform(5, 9)
    return hardened(3 * np.sin(pitch * u) * np.sin(pitch * v))


def dots(x: Plane, y: Plane, random: np.random.Generator) -> Plane:
    u, v = turned(x, y, random)
    pitch = random.uniform(6, 10)
    return hardened(2 * (np.cos(pitch * u) + np.cos(pitch * v) - 0.7))


def bands(x: Plane, y: Plane, random: np.random.Generator) -> Plane:
    aside, lower = random.uniform(-0.4, 0.4, 2)
    return hardened(np.sin(random.uniform(8, 15) * np.hypot(x - aside, y - lower)))


def marble(x: Plane, y: Plane, random: np.random.Generator) -> Plane:
    u, _ = turned(x, y, random)
    veins = noise(random, x.shape[0], x.shape[1], 4)
    return hardened(np.sin(random.uniform(4, 7) * u + 2.5 * veins) - 0.2)


def spots(x: Plane, y: Plane, random: np.random.Generator) -> Plane:
    return hardened(2.5 * noise(random, x.shape[0], x.shape[1], int(random.integers(5, 9))) - 0.7)


PATTERNS: tuple[Pattern, ...] = (stripes, checks, dots, bands, marble, spots)


def turned(x: Plane, y: Plane, random: np.random.Generator) -> tuple[Plane, Plane]:
    angle = np.float32(random.uniform(0, np.pi))
    return x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)


def hardened(wave: NDArray[Any]) -> Plane:
    """A wave about 0 as 0 or 1 with a soft edge between."""
    soft: Plane = np.clip(0.5 + 2.5 * wave, 0, 1).astype(np.float32)
    return soft


def noise(random: np.random.Generator, height: int, width: int, coarse: int) -> Plane:
    """[height, width] with mean 0 and deviation about 1; `coarse` knots along the shorter side."""
    step = min(height, width) / coarse
    knots = (max(2, round(height / step)), max(2, round(width / step)))
    grid = random.standard_normal(knots, dtype=np.float32)
    smooth = cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
    return cast(Plane, smooth * np.float32(1.4))

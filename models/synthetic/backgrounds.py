"""What stands behind the actors: a canvas somewhat larger than the picture, for a slow pan."""

import colorsys
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.synthetic.seeds import Split, draw_number
from models.synthetic.textures import noise

Canvas = NDArray[np.uint8]  # [h, w, 3] RGB
Colours = NDArray[np.float32]  # [h, w, 3] in 0..1
Blend = NDArray[np.float32]  # [h, w] in 0..1

GRAIN = ((10, 0.05), (30, 0.035), (80, 0.03))  # knots of noise along the side, and its strength


class BackgroundSource(Protocol):
    def check(self, split: Split) -> None:
        """Raises SourceError where the split has no background."""

    def pick(self, random: np.random.Generator, split: Split, height: int, width: int) -> Canvas:
        """[height, width, 3] of a random background, one that the split may use."""

    def describe(self) -> str:
        """Where the backgrounds come from, for the card of a data set."""


@dataclass(frozen=True)
class DrawnBackgrounds:
    """Layers of muted colours with wavy edges, and noise of several widths."""

    def check(self, split: Split) -> None:
        """Each split has numbers of its own."""

    def pick(self, random: np.random.Generator, split: Split, height: int, width: int) -> Canvas:
        return draw_background(draw_number(random, split), height, width)

    def describe(self) -> str:
        return "drawn by the generator: gradients, layers and band-limited noise"


@dataclass(frozen=True)
class MixedBackgrounds:
    """One of several sources for each clip, the more often the heavier it is."""

    sources: tuple[tuple[float, BackgroundSource], ...]  # weights of any sum

    def check(self, split: Split) -> None:
        for _, source in self.sources:
            source.check(split)

    def pick(self, random: np.random.Generator, split: Split, height: int, width: int) -> Canvas:
        weights = np.array([weight for weight, _ in self.sources])
        _, source = self.sources[int(random.choice(len(weights), p=weights / weights.sum()))]
        return source.pick(random, split, height, width)

    def describe(self) -> str:
        total = sum(weight for weight, _ in self.sources)
        return "; ".join(
            f"{weight / total:.0%} {source.describe()}" for weight, source in self.sources
        )


def draw_background(number: int, height: int, width: int) -> Canvas:
    """The same canvas for the same number and size."""
    random = np.random.default_rng(np.random.SeedSequence(1, spawn_key=(number,)))
    hue, bright = random.uniform(), random.uniform(0.35, 0.8)
    canvas = np.broadcast_to(muted(hue, random, bright), (height, width, 3))
    for _ in range(2):
        canvas = mixed(canvas, 0.7 * soft(random, height, width), near(hue, random, bright))
    for _ in range(int(random.integers(1, 5))):
        canvas = mixed(canvas, 0.8 * layer(random, height, width), near(hue, random, bright))
    grain = np.ones((height, width), np.float32)
    for knots, strength in GRAIN:
        grain += np.float32(strength) * noise(random, height, width, knots)
    return to_bytes(canvas * grain[..., None])


def soft(random: np.random.Generator, height: int, width: int) -> Blend:
    blend: Blend = np.clip(0.5 + 0.5 * noise(random, height, width, 2), 0, 1)
    return blend


def layer(random: np.random.Generator, height: int, width: int) -> Blend:
    """What lies beyond a wavy line at any angle: hills, walls, roads without a name."""
    angle = random.uniform(0, 2 * np.pi)
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    waves = random.uniform(0, 0.25) * noise(random, height, width, 4)
    beyond = x * np.cos(angle) + y * np.sin(angle) + waves - random.uniform(-0.6, 0.6)
    edge: Blend = np.clip(beyond * height / random.uniform(3, 12) + 0.5, 0, 1).astype(np.float32)
    return edge


def mixed(canvas: Colours, blend: Blend, colour: NDArray[np.float32]) -> Colours:
    result: Colours = canvas + blend[..., None] * (colour - canvas)
    return result


def near(hue: float, random: np.random.Generator, bright: float) -> NDArray[np.float32]:
    return muted(hue + random.normal(0, 0.12), random, bright * random.uniform(0.6, 1.4))


def muted(hue: float, random: np.random.Generator, bright: float) -> NDArray[np.float32]:
    """[3] in 0..1: paler than the actors."""
    rgb = colorsys.hsv_to_rgb(hue % 1, random.uniform(0.05, 0.45), min(bright, 1.0))
    return np.array(rgb, np.float32)


def to_bytes(colours: Colours) -> Canvas:
    scaled = np.rint(np.clip(colours, 0, 1) * 255)
    return scaled.astype(np.uint8)

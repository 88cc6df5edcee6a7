"""Random streams that depend on their purpose, and what is held out for validation."""

import hashlib
from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np

Split = Literal["all", "train", "val"]
SPLITS: tuple[Split, ...] = get_args(Split)

# A change of how one of these is drawn leaves the others as they were.
Purpose = Literal["cast", "motion", "backdrop", "camera", "events"]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)

HELD_OUT = 5  # every fifth sprite and background is validation's


def stream(seed: int, split: Split, clip: int, purpose: Purpose) -> np.random.Generator:
    """The same numbers in every process, and others for every other argument."""
    key = (SPLITS.index(split), clip, PURPOSES.index(purpose))
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def draw_number(random: np.random.Generator, split: Split) -> int:
    """Of a drawn sprite or background: multiples of HELD_OUT are validation's alone."""
    number = int(random.integers(0, 2**24))
    first = number - number % HELD_OUT
    if split == "val":
        return first
    return number if split == "all" else first + int(random.integers(1, HELD_OUT))


def part(names: Sequence[str], split: Split) -> list[str]:
    """Sorted by the names' sha256, every fifth from the first on is validation's.

    One name alone can't be shared out: neither split has it.
    """
    ordered = sorted(names, key=lambda name: hashlib.sha256(name.encode()).digest())
    if split == "all":
        return ordered
    if len(ordered) == 1:
        return []
    return [n for i, n in enumerate(ordered) if (i % HELD_OUT == 0) == (split == "val")]

"""From values to pixels, and the values that an axis names."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

STEPS = (1, 2, 2.5, 5, 10)
LOG_STEPS = (1, 2, 5)


@dataclass(frozen=True)
class Scale:
    """`low` is at the pixel `start`, `high` at `end`; logarithmic where both are above 0."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def __call__(self, value: float) -> float:
        low, high, at = (
            (math.log(v) if self.logarithmic else v) for v in (self.low, self.high, value)
        )
        return self.start + (at - low) / (high - low) * (self.end - self.start)

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round values within the limits, evenly apart."""
    raw = (high - low) / most
    magnitude = 10.0 ** math.floor(math.log10(raw))
    step = next(step * magnitude for step in STEPS if step * magnitude >= raw)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(index * step, 12) for index in range(first, last + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """1, 2 and 5 of each power of ten, within the limits."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    values = [step * 10.0**power for power in powers for step in LOG_STEPS]
    return [value for value in values if low * (1 - 1e-9) <= value <= high * (1 + 1e-9)]


def tick_text(value: float) -> str:
    return f"{value:g}"


def around(values: Sequence[float], margin: float = 0.06) -> tuple[float, float]:
    """Limits that leave some room; of equal values too."""
    low, high = min(values), max(values)
    room = (high - low or abs(high) or 1.0) * margin
    return low - room, high + room


def spread(places: Sequence[float], gap: float) -> list[float]:
    """The same places, moved apart so that no two are closer than the gap; order is kept."""
    order = sorted(range(len(places)), key=lambda index: places[index])
    moved = list(places)
    for before, after in pairwise(order):
        moved[after] = max(moved[after], moved[before] + gap)
    shift = sum(places[i] - moved[i] for i in order) / max(len(order), 1)
    return [place + shift for place in moved]

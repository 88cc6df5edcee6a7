"""Linear interpolation with half-pixel centres, as places and shares."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Places:
    """For each place of the output: two neighbours in the input, and the second one's share."""

    low: list[int]
    high: list[int]
    share: list[float]


def places(size: int, length: int) -> Places:
    """Where the centres of `length` places lie in an input of `size`, kept inside it."""
    centres = [(i + 0.5) * size / length - 0.5 for i in range(length)]
    clamped = [min(max(centre, 0.0), size - 1.0) for centre in centres]
    low = [int(place) for place in clamped]
    high = [min(place + 1, size - 1) for place in low]
    return Places(low, high, [place - int(place) for place in clamped])

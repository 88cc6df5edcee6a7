"""Quantiles of Student's t distribution."""

import math

HALVINGS = 60  # of a quarter turn, which leaves nothing that float64 could tell apart


def student_t(confidence: float, freedom: int) -> float:
    """The t that a variable of so many degrees of freedom stays within, with this confidence."""
    low, high = 0.0, math.pi / 2
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if within(middle, freedom) > confidence else (middle, high)
    return math.sqrt(freedom) * math.tan(low)


def within(angle: float, freedom: int) -> float:
    """The probability of |t| < sqrt(freedom) tan(angle).

    Abramowitz & Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4.
    """
    odd = freedom % 2
    term, total = math.cos(angle) if odd else 1.0, 0.0
    for exponent in range(odd, freedom - 1, 2):
        total += term
        term *= math.cos(angle) ** 2 * (exponent + 1) / (exponent + 2)
    area = math.sin(angle) * total
    return 2 / math.pi * (angle + area) if odd else area

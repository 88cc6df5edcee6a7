"""How far two results of the same network may lie apart, stated once."""

from torch import Tensor

FLOAT32 = 1e-4
"""Of the largest value, between two float32 results that are equal on paper.

Sums in another order differ by 1e-6 to 1e-5 after this many layers. A wrong operation (a lost bias,
a tap in the wrong place, another resize rule) differs by 1e-2 and more.
"""

FLOAT64 = 1e-10
"""The same in float64, which has 29 bits more: what is left is rounding, not an approximation."""


def relative(got: Tensor, wanted: Tensor) -> float:
    """Largest |got - wanted| over the largest |wanted|; NaN where there is one."""
    assert got.shape == wanted.shape
    return float((got - wanted).abs().max() / wanted.abs().max())

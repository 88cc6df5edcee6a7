"""What a tensor's values say about float16, which ends at 65504 and loses bits below 2^-14."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from export.inner_sums import SUMS_OF_PRODUCTS

HALF_MAX = 65504.0  # the largest float16
HALF_NORMAL = 2.0**-14  # below, float16 loses bits; below 2^-25 it becomes 0
HEADROOM = 4  # frames that were not seen reach further
RELEVANT = 2.0**-11  # of the largest value: a smaller one added to it changes nothing in float16
TINIEST = 2.0**-149  # the smallest float32 above 0
LOST = 4 * 2.0**-11  # of a tensor's length: 4 times the most that rounding normal numbers costs

Verdict = Literal["overflows", "vanishes", "near", "fine"]
Kind = Literal["input", "activation", "weight"]


@dataclass(frozen=True)
class Range:
    """One float32 tensor's values on all frames."""

    tensor: str
    kind: Kind
    operation: str  # that computes it; of a weight or an input, the first that uses it
    layers: tuple[str, ...]  # itself; of a weight or an input, the tensors computed from it
    largest: float  # |x|
    smallest: float | None  # |x| of those that matter beside the largest; None where all are 0
    overflowing: float  # share of the values that lie beyond ±65504
    vanishing: float  # share of the values other than 0 that become 0 or subnormal in float16
    lost: float  # of the tensor's Euclidean length, what float16 costs the values in its range
    sum_of_products: bool  # parts of such a sum may be larger than the sum
    inner_sum: float | None  # largest sum inside the operation, where it makes one of its own
    verdict: Verdict
    sentence: str  # with the tensor as its subject


@dataclass(frozen=True)
class Tally:
    """What is known of a tensor after some frames; tallies add up."""

    values: int
    nonzero: int
    largest: float
    smallest: float  # infinite where all are 0
    overflowing: int
    vanishing: int
    squares: float  # sum over the values in range
    lost_squares: float  # sum of the squares of their change in float16

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.values + other.values,
            self.nonzero + other.nonzero,
            max(self.largest, other.largest),
            min(self.smallest, other.smallest),
            self.overflowing + other.overflowing,
            self.vanishing + other.vanishing,
            self.squares + other.squares,
            self.lost_squares + other.lost_squares,
        )


def count(array: NDArray[Any]) -> Tally:
    """Of finite float32 values."""
    size = np.abs(array).ravel()
    zeros = size.size - int(np.count_nonzero(size))
    largest = float(size.max(initial=0))
    inside = size if largest <= HALF_MAX else size[size <= HALF_MAX]
    relevant = size[size >= max(RELEVANT * largest, TINIEST)]
    return Tally(
        size.size,
        size.size - zeros,
        largest,
        float(relevant.min(initial=np.inf)),
        size.size - inside.size,
        int((size < HALF_NORMAL).sum()) - zeros,
        sum_of_squares(inside),
        sum_of_squares(inside - inside.astype(np.float16)),
    )


def sum_of_squares(array: NDArray[np.float32]) -> float:
    """Scaled, so that no square becomes 0."""
    largest = np.abs(array).max(initial=0)
    if not largest:
        return 0.0
    scaled = array / largest
    return float(np.dot(scaled, scaled)) * float(largest) ** 2


def summarise(
    tensor: str,
    kind: Kind,
    operation: str,
    layers: tuple[str, ...],
    tally: Tally,
    inner_sum: float | None,
) -> Range:
    """The figures of a tally as shares, and what they say."""
    lost = (tally.lost_squares / tally.squares) ** 0.5 if tally.squares else 0.0
    verdict = judge(tally, lost, inner_sum or 0)
    vanishing = tally.vanishing / max(tally.nonzero, 1)
    return Range(
        tensor,
        kind,
        operation,
        layers,
        tally.largest,
        tally.smallest if tally.nonzero else None,
        tally.overflowing / max(tally.values, 1),
        vanishing,
        lost,
        kind == "activation" and operation in SUMS_OF_PRODUCTS,
        inner_sum,
        verdict,
        SENTENCES[verdict](tally.largest, inner_sum or 0, vanishing, lost),
    )


def judge(tally: Tally, lost: float, inner_sum: float) -> Verdict:
    reach = max(tally.largest, inner_sum)
    if reach > HALF_MAX:
        return "overflows"
    if lost > LOST:
        return "vanishes"
    return "near" if reach > HALF_MAX / HEADROOM else "fine"


def reach(largest: float, inner_sum: float) -> str:
    inside = f", and sums inside it {inner_sum:.4g}" if inner_sum > largest else ""
    return f"reaches {largest:.4g}{inside}"


def overflows(largest: float, inner_sum: float, vanishing: float, lost: float) -> str:
    end = "float16 makes it infinite"
    if largest <= HALF_MAX:
        end = "a kernel that adds in float16 makes it infinite"
    return f"{reach(largest, inner_sum)}, beyond 65504: {end}"


def near(largest: float, inner_sum: float, vanishing: float, lost: float) -> str:
    return f"{reach(largest, inner_sum)}, over a {HEADROOM}th of 65504: other frames may overflow"


def vanishes(largest: float, inner_sum: float, vanishing: float, lost: float) -> str:
    return (
        f"loses {lost:.2g} of its length: {vanishing:.0%} of its values become 0 or subnormal, "
        f"the largest is {largest:.2g}"
    )


def fine(largest: float, inner_sum: float, vanishing: float, lost: float) -> str:
    return f"{reach(largest, inner_sum)}, in float16's range" if largest else "is all 0"


SENTENCES: dict[Verdict, Callable[[float, float, float, float], str]] = {
    "overflows": overflows,
    "vanishes": vanishes,
    "near": near,
    "fine": fine,
}

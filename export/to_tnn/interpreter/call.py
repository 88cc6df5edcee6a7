"""What a layer's function sees: its blobs, its weights, and its parameters one after the other."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from torch import Tensor

Number = TypeVar("Number", int, float)
INTEGER = re.compile(r"[-+]?[0-9]{1,10}", re.ASCII)


class Refused(ValueError):
    """TNN does not run the layer, or computes garbage; says why."""


class Params:
    """The words behind a layer's blobs, read in TNN's order, with its defaults where they end.

    TNN takes the number at the head of a word and ignores the rest; here all of it has to be one.
    """

    def __init__(self, words: tuple[str, ...]) -> None:
        self.words = words
        self.position = 0

    @property
    def left(self) -> int:
        return len(self.words) - self.position

    def word(self) -> str:
        self.position += 1
        return self.words[self.position - 1]

    def integer(self, default: int | None = None) -> int:
        """Raises Refused where it is no whole number, or absent and without a default."""
        if not self.left:
            return self.absent(default)
        word = self.word()
        if not INTEGER.fullmatch(word):
            raise Refused(f"expected a whole number as parameter {self.position}, got {word!r}")
        return int(word)

    def number(self, default: float | None = None) -> float:
        """As float32. Raises Refused where it is no number, or absent and without a default."""
        if not self.left:
            return self.absent(default)
        word = self.word()
        try:
            with np.errstate(over="ignore"):
                return float(np.float32(float(word)))
        except ValueError as error:
            message = f"expected a number as parameter {self.position}, got {word!r}"
            raise Refused(message) from error

    def integers(self, count: int, default: int | None = None) -> tuple[int, ...]:
        """Raises Refused where the list is longer than the line."""
        if default is None and not 0 <= count <= self.left:
            raise Refused(f"expected {count} more parameters, got {self.left} in {self.words}")
        return tuple(self.integer(default) for _ in range(count))

    def pair(self, default: int | None = None) -> tuple[int, int]:
        """Of height and width."""
        return self.integer(default), self.integer(default)

    def counted(self) -> tuple[int, ...]:
        """A list behind its length."""
        return self.integers(self.integer())

    def rest(self) -> tuple[int, ...]:
        return self.integers(self.left)

    def absent(self, default: Number | None) -> Number:
        if default is None:
            raise Refused(f"expected more parameters than {len(self.words)}: {self.words}")
        return default


@dataclass(frozen=True)
class Call:
    inputs: tuple[Tensor, ...]
    params: Params
    weights: Mapping[str, Tensor]  # by role; float32 where the file has float16
    outputs: int  # how many

    @property
    def x(self) -> Tensor:
        """The first input."""
        return self.inputs[0]

    def image(self) -> Tensor:
        """The first input, [N, C, H, W]. Raises Refused where it has other axes."""
        if self.x.dim() != 4:
            raise Refused(f"expected an input [N, C, H, W], got {list(self.x.shape)}")
        return self.x

    def channels(self) -> int:
        """Of the first input. Raises Refused where it has no axis for them."""
        if self.x.dim() < 2:
            raise Refused(f"expected an input [N, C, …], got {list(self.x.shape)}")
        return self.x.shape[1]

    def weight(self, role: str, *shape: int) -> Tensor:
        """In that shape, whatever the file says. Raises Refused where it is absent or no such."""
        if role not in self.weights:
            raise Refused(f"expected a {role} in the .tnnmodel, got {sorted(self.weights)}")
        weight = self.weights[role]
        if weight.numel() != math.prod(shape):
            got = list(weight.shape)
            raise Refused(f"expected a {role} for {list(shape)}, got one for {got}")
        return weight.reshape(shape)


def axis_of(axis: int, rank: int) -> int:
    """From the front. Raises Refused where there is no such axis."""
    if not -rank <= axis < rank:
        raise Refused(f"expected an axis of {rank}, got {axis}")
    return axis % rank


def channelwise(values: Tensor, rank: int) -> Tensor:
    """[C] -> [C, 1, …], to go with [N, C, …] of that rank."""
    return values.reshape(-1, *[1] * (rank - 2))

"""What a kind of core can do in a cycle, each number with its source.

Where nobody publishes a number, `assumed` says what was taken for it and why: always more than a
core is likely to have, so that a bound made of it stays a bound.
"""

from functools import cache
from importlib.resources import files
from typing import Annotated

import msgspec
from msgspec import Meta

FLOAT_BITS = 32

Count = Annotated[int, Meta(gt=0)]
Text = Annotated[str, Meta(min_length=1)]


class Sourced(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    source: Text  # "none" where `assumed` is all there is
    assumed: str = ""  # what of it is an assumption, and why that


class VectorUnits(Sourced, frozen=True):
    pipes: Count  # vector multiply-adds that start in a cycle
    bits: Count  # the width of each


class Port(Sourced, frozen=True):
    bytes_per_cycle: Count  # read and written together, at the core's clock


class CoreCache(Port, frozen=True):
    kib: Count  # of one core


class Microarchitecture(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    fma: VectorUnits
    l1d: CoreCache
    l2: CoreCache
    l3: Port  # of one core, to the cache that all share

    def fmas_per_cycle(self, bits: int = FLOAT_BITS) -> int:
        """Multiply-adds of numbers with so many bits."""
        return self.fma.pipes * self.fma.bits // bits

    @property
    def flops_per_cycle(self) -> int:
        """In float32, a multiply-add counted as two."""
        return 2 * self.fmas_per_cycle()


@cache
def microarchitectures() -> dict[str, Microarchitecture]:
    text = files("android_bench.device").joinpath("microarchitectures.toml").read_bytes()
    return msgspec.toml.decode(text, type=dict[str, Microarchitecture], strict=True)

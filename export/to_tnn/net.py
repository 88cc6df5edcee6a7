"""A TNN network as plain data: what a `.tnnproto` and a `.tnnmodel` say together.

Whoever converts makes a `TnnNet`, `format` writes and reads it, `interpreter` runs it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class NetInput:
    """An input blob; TNN wants every side as a number."""

    name: str
    shape: tuple[int, ...]
    dtype: str  # of NumPy: float32, int32


@dataclass(frozen=True)
class Layer:
    """One line of the proto: type, name, blobs, parameters as TNN's reader splits them."""

    type: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    params: tuple[str, ...] = ()


@dataclass(frozen=True)
class Resource:
    """The weights of one layer, by role: "weight" and "bias" of a Convolution."""

    type: str  # the layer's type
    layer: str  # the layer's name
    arrays: Arrays


@dataclass(frozen=True)
class TnnNet:
    inputs: tuple[NetInput, ...]
    outputs: tuple[str, ...]
    layers: tuple[Layer, ...]  # in order of execution
    resources: tuple[Resource, ...] = ()
    constants: Arrays = field(
        default_factory=dict
    )  # blobs that no layer computes and that are not inputs

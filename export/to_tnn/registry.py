"""Which ONNX operators become which TNN layers: one handler an operator, in one table.

A handler is the operator's specification: its positional parameters are the operator's inputs, its
keywords the attributes with the standard's defaults (https://onnx.ai/onnx/operators/). It answers
with the layer, or raises `Refusal` with what TNN can't do and what to do about it.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from export.to_tnn.net import Arrays

FLOATS = ("float32",)
FLOATS_AND_INTEGERS = ("float32", "int32")


@dataclass(frozen=True)
class Tensor:
    """An operand as a handler sees it."""

    name: str
    shape: tuple[int, ...]
    dtype: str  # of NumPy
    value: NDArray[Any] | None = None  # of a constant

    @property
    def rank(self) -> int:
        return len(self.shape)


@dataclass(frozen=True)
class Lowered:
    """The layer for one node; its name and outputs are the node's."""

    type: str
    inputs: tuple[Tensor, ...]
    params: tuple[object, ...] = ()
    arrays: Arrays = field(default_factory=dict)  # the layer's resource


class Refusal(Exception):
    """What stands in the way of one node, and what to do about it."""

    def __init__(self, reason: str, cure: str) -> None:
        super().__init__(f"{reason}; {cure}")


Handler = Callable[..., Lowered]


@dataclass(frozen=True)
class Op:
    name: str  # in ONNX
    layers: tuple[str, ...]  # in TNN, one of them
    handler: Handler
    restrictions: tuple[str, ...]  # what is refused otherwise
    also: tuple[str, ...]  # what the preparation makes of other forms
    dtypes: tuple[str, ...]  # of the operands that are not constant
    many: bool  # whether it gives several results


OPS: dict[str, Op] = {}


def handles(
    name: str,
    layers: str | tuple[str, ...],
    *restrictions: str,
    also: tuple[str, ...] = (),
    dtypes: tuple[str, ...] = FLOATS,
    many: bool = False,
) -> Callable[[Handler], Handler]:
    """Enters a handler under the operator's name; a second one for it is a mistake."""

    def enter(handler: Handler) -> Handler:
        if name in OPS:
            raise ValueError(f"the operator {name} has a handler already: {OPS[name].handler}")
        choice = (layers,) if isinstance(layers, str) else layers
        OPS[name] = Op(name, choice, handler, restrictions, also, dtypes, many)
        return handler

    return enter


def lower(op: Op, operands: tuple[Tensor | None, ...], attributes: Mapping[str, object]) -> Lowered:
    """The layer for a node with these operands. Raises Refusal."""
    for operand in operands:
        if operand is not None and operand.value is None and operand.dtype not in op.dtypes:
            taken = " or ".join(op.dtypes)
            raise Refusal(
                f"its input {operand.name!r} is {operand.dtype}, TNN takes {taken}",
                "convert the model to float32",
            )
    try:
        call = inspect.signature(op.handler).bind(*operands, **attributes)
    except TypeError as error:
        raise Refusal(f"not as the standard has it: {error}", "check the model") from error
    return op.handler(*call.args, **call.kwargs)


def constant(operand: Tensor, what: str) -> NDArray[Any]:
    """The operand's value. Raises Refusal where it is computed."""
    if operand.value is None:
        raise Refusal(
            f"its {what} {operand.name!r} is computed, TNN wants it as a constant",
            f"export the model with a constant {what}",
        )
    return operand.value


def weights(operand: Tensor, what: str) -> NDArray[np.float32]:
    """A constant as TNN stores weights. Raises Refusal where it is computed."""
    return np.ascontiguousarray(constant(operand, what), np.float32)


def integers(operand: Tensor, what: str) -> tuple[int, ...]:
    """A constant list of integers. Raises Refusal where it is computed."""
    return tuple(int(i) for i in constant(operand, what).reshape(-1))


def scalar(operand: Tensor, what: str) -> float:
    """A constant of one element. Raises Refusal where it is computed or has more."""
    value = constant(operand, what)
    if value.size != 1:
        raise Refusal(f"its {what} has the shape {value.shape}, TNN takes one number", "spell it")
    return float(value.reshape(()))


def positive_axis(axis: int, rank: int) -> int:
    return axis + rank if axis < 0 else axis

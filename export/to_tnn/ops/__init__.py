"""The handlers, by theme. Importing this fills the registry."""

from export.to_tnn.ops import (
    convolution,
    elementwise,
    matmul,
    norm,
    pooling,
    reduce,
    resize,
    select,
    shape,
    unary,
)
from export.to_tnn.registry import OPS

__all__ = ["OPS"]

HANDLERS = (
    convolution,
    elementwise,
    matmul,
    norm,
    pooling,
    reduce,
    resize,
    select,
    shape,
    unary,
)

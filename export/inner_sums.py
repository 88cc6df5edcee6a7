"""Sums inside an operation that can leave float16's range though its result does not.

A layer norm divides by the root of a sum of squares: 256 values of 16 already sum to 65536. A mean
divides a sum. Kernels of ncnn add these up in float32 (layernorm_arm_asimdhp.cpp), but others add
in float16, and a graph in which the norm is spelled out in single operations always does.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
Constants = Mapping[str, NDArray[Any]]

# Whose result is a sum of products, so that partial sums may be larger than the result.
SUMS_OF_PRODUCTS = frozenset({"Conv", "ConvTranspose", "Einsum", "Gemm", "MatMul"})


def attribute(node: onnx.NodeProto, name: str, default: Any) -> Any:
    values = (onnx.helper.get_attribute_value(a) for a in node.attribute if a.name == name)
    return next(values, default)


def normalised_axes(node: onnx.NodeProto, x: Doubles, constants: Constants) -> tuple[int, ...]:
    """From `axis` to the last."""
    return tuple(range(attribute(node, "axis", -1) % x.ndim, x.ndim))


def reduced_axes(node: onnx.NodeProto, x: Doubles, constants: Constants) -> tuple[int, ...]:
    """From the second input (opset 18) or the attribute before it; all where neither is given."""
    given = constants[node.input[1]] if len(node.input) > 1 and node.input[1] else None
    axes = attribute(node, "axes", ()) if given is None else given
    return tuple(int(axis) % x.ndim for axis in axes) or tuple(range(x.ndim))


def spatial_axes(node: onnx.NodeProto, x: Doubles, constants: Constants) -> tuple[int, ...]:
    return tuple(range(2, x.ndim))


def squares(x: Doubles, axes: tuple[int, ...]) -> Doubles:
    return np.asarray(np.square(x).sum(axes))


def centred_squares(x: Doubles, axes: tuple[int, ...]) -> Doubles:
    return squares(x - x.mean(axes, keepdims=True), axes)


def plain(x: Doubles, axes: tuple[int, ...]) -> Doubles:
    return np.asarray(np.abs(x.sum(axes)))


Axes = Callable[[onnx.NodeProto, Doubles, Constants], tuple[int, ...]]
Sum = Callable[[Doubles, tuple[int, ...]], Doubles]

# Operation -> the axes it sums over, and what it sums there.
SUMS_OF_INPUT: dict[str, tuple[Axes, Sum]] = {
    "LayerNormalization": (normalised_axes, centred_squares),
    "RMSNormalization": (normalised_axes, squares),
    "InstanceNormalization": (spatial_axes, centred_squares),
    "GlobalAveragePool": (spatial_axes, plain),
    "ReduceMean": (reduced_axes, plain),
    "ReduceL2": (reduced_axes, squares),
}


def sum_of_input(node: onnx.NodeProto, x: NDArray[Any], constants: Constants) -> float | None:
    """The largest sum that the node makes of its first input; None where it makes none."""
    if node.op_type not in SUMS_OF_INPUT:
        return None
    axes_of, add = SUMS_OF_INPUT[node.op_type]
    values = x.astype(np.float64)
    return float(add(values, axes_of(node, values, constants)).max(initial=0))


def sum_of_output(node: onnx.NodeProto, y: NDArray[Any]) -> float | None:
    """An average over a window, times the window; None for other nodes."""
    if node.op_type != "AveragePool":
        return None
    window = math.prod(attribute(node, "kernel_shape", (1,)))
    return float(np.abs(y).max(initial=0) * window)

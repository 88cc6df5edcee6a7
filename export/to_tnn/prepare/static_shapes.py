"""Every side of every input as a number: what the model fixes, or the caller."""

import copy
from collections.abc import Mapping, Sequence

import onnx

from export.errors import ConversionError

Shapes = Mapping[str, Sequence[int]]


def with_static_inputs(model: onnx.ModelProto, shapes: Shapes) -> onnx.ModelProto:
    """A copy with these input shapes and without what was inferred from others.

    Raises ConversionError where a side stays free, or a shape does not fit.
    """
    fixed = copy.deepcopy(model)
    weights = {weight.name for weight in fixed.graph.initializer}
    inputs = [value for value in fixed.graph.input if value.name not in weights]
    known = [value.name for value in inputs]
    if strange := sorted(set(shapes) - set(known)):
        raise ConversionError(
            f"a shape is given for {', '.join(strange)}, which the model does not take: "
            f"its inputs are {', '.join(known)}"
        )
    for value in inputs:
        fix_input(value, shapes.get(value.name))
    # Weights had to be inputs as well until IR version 3.
    fixed.ir_version = max(fixed.ir_version, 4)
    del fixed.graph.input[:]
    fixed.graph.input.extend(inputs)
    forget_inferred(fixed.graph)
    return fixed


def fix_input(value: onnx.ValueInfoProto, shape: Sequence[int] | None) -> None:
    dims = value.type.tensor_type.shape.dim
    declared = [dim.dim_value if dim.dim_value > 0 else dim.dim_param or "?" for dim in dims]
    if shape is None:
        if any(isinstance(side, str) for side in declared):
            raise ConversionError(
                f"the input {value.name!r} has free sides, [{', '.join(map(str, declared))}], and "
                f"TNN wants numbers: give its shape, as in {value.name}={example(declared)}"
            )
        return
    fits = len(shape) == len(declared) and all(
        side > 0 and wanted in (side, wanted if isinstance(wanted, str) else side)
        for side, wanted in zip(shape, declared, strict=True)
    )
    if not fits:
        raise ConversionError(
            f"the input {value.name!r} is [{', '.join(map(str, declared))}], "
            f"which the shape {list(shape)} does not fit"
        )
    for dim, side in zip(dims, shape, strict=True):
        dim.Clear()
        dim.dim_value = side


def example(declared: Sequence[int | str]) -> str:
    """The declared shape with a number for every free side."""
    return "x".join(str(side if isinstance(side, int) else 1) for side in declared)


def forget_inferred(graph: onnx.GraphProto) -> None:
    """Shapes of other sizes must not survive."""
    del graph.value_info[:]
    for value in graph.output:
        value.type.tensor_type.ClearField("shape")

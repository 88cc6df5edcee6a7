"""The shapes of all tensors, also behind operators for which onnx infers none."""

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from export.onnx_tensors import onnx_session, run_onnx

#: onnx expands these into functions, and infers nothing through them (onnx 1.23)
SHAPE_OF_INPUT = ("GroupNormalization",)


def with_shapes(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy that says the shape of whatever can be known; of outputs always.

    Raises ConversionError where it has to run the model for that, and ONNX Runtime can't.
    """
    inferred = infer(model)
    while added := copied_shapes(inferred.graph):
        inferred.graph.value_info.extend(added)
        inferred = infer(inferred)
    if unknown := [value for value in inferred.graph.output if not is_known(value)]:
        measure(inferred, unknown)
    return inferred


def infer(model: onnx.ModelProto) -> onnx.ModelProto:
    return onnx.shape_inference.infer_shapes(model, data_prop=True)


def measure(model: onnx.ModelProto, outputs: list[onnx.ValueInfoProto]) -> None:
    """Sets, in place, the shapes that these outputs have when the model runs on zeros."""
    feed = {value.name: zeros(value) for value in model.graph.input}
    arrays = run_onnx(onnx_session(model.SerializeToString()), feed)
    for value in outputs:
        kind, shape = value.type.tensor_type.elem_type, arrays[value.name].shape
        value.CopyFrom(onnx.helper.make_tensor_value_info(value.name, kind, shape))


def zeros(value: onnx.ValueInfoProto) -> NDArray[Any]:
    kind = value.type.tensor_type
    dtype = onnx.helper.tensor_dtype_to_np_dtype(kind.elem_type)
    return np.zeros([dim.dim_value for dim in kind.shape.dim], dtype)


def copied_shapes(graph: onnx.GraphProto) -> list[onnx.ValueInfoProto]:
    """What is missing right behind tensors of known shape; an output gets it in place."""
    values = {value.name: value for value in (*graph.input, *graph.value_info, *graph.output)}
    added = []
    for node in graph.node:
        given, result = values.get(node.input[0]) if node.input else None, node.output[0]
        missing = result not in values or not is_known(values[result])
        if node.op_type in SHAPE_OF_INPUT and missing and given is not None and is_known(given):
            value = onnx.ValueInfoProto(name=result, type=given.type)
            added.append(value)
            if result in values:
                values[result].type.CopyFrom(given.type)
    return added


def is_known(value: onnx.ValueInfoProto) -> bool:
    kind = value.type.tensor_type
    return kind.HasField("shape") and all(dim.dim_value > 0 for dim in kind.shape.dim)

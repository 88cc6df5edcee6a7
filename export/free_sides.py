"""The sides of an ONNX model's inputs: whether one is free at run time, and fixing them."""

from collections.abc import Sequence

import onnx


def has_free_sides(model: onnx.ModelProto) -> bool:
    return any(not dim.dim_value for value in model.graph.input for dim in sides(value))


def sides(value: onnx.ValueInfoProto) -> Sequence[onnx.TensorShapeProto.Dimension]:
    return value.type.tensor_type.shape.dim

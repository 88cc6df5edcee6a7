"""The sides of an ONNX model's inputs: whether one is free at run time, and fixing them."""

import onnx


def has_free_sides(model: onnx.ModelProto) -> bool:
    return any(not dim.dim_value for value in model.graph.input for dim in sides(value))


def sides(value: onnx.ValueInfoProto) -> list[onnx.TensorShapeProto.Dimension]:
    return list(value.type.tensor_type.shape.dim)

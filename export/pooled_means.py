"""Means along one side of a map as average pooling, for pnnx.

pnnx 20261020 loses the axis of a reduction that has one axis, given as an input (opset 18 on):
ncnn would then sum over nothing. A pooling window as long as the side gives the same mean.
"""

from collections.abc import Iterator

import numpy as np
import onnx
from onnx import helper, numpy_helper

Shapes = dict[str, list[int]]


def pool_means(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy in which a ReduceMean over the rows or the columns of [B, C, H, W] is a pooling."""
    result = onnx.ModelProto()
    result.CopyFrom(model)
    constants = {c.name: numpy_helper.to_array(c) for c in model.graph.initializer}
    shapes = known_shapes(model)
    del result.graph.node[:]
    for node in model.graph.node:
        axis = single_axis(node, constants, shapes)
        if axis is None:
            result.graph.node.append(node)
        else:
            result.graph.node.extend(pooled(node, axis, shapes[node.input[0]], result.graph))
    return result


def known_shapes(model: onnx.ModelProto) -> Shapes:
    """Of the tensors whose sides are all numbers."""
    graph = onnx.shape_inference.infer_shapes(model).graph
    sides = {
        value.name: [dim.dim_value for dim in value.type.tensor_type.shape.dim]
        for value in (*graph.input, *graph.value_info, *graph.output)
    }
    return {name: shape for name, shape in sides.items() if all(shape)}


def single_axis(
    node: onnx.NodeProto, constants: dict[str, np.ndarray], shapes: Shapes
) -> int | None:
    """2 or 3 for a mean over that axis of a map, given as an input; None for anything else."""
    if node.op_type != "ReduceMean" or len(node.input) < 2 or node.input[1] not in constants:
        return None
    axes = constants[node.input[1]]
    if axes.size != 1 or len(shapes.get(node.input[0], ())) != 4:
        return None
    axis = int(axes.item()) % 4
    return axis if axis in (2, 3) else None


def pooled(
    node: onnx.NodeProto, axis: int, shape: list[int], graph: onnx.GraphProto
) -> Iterator[onnx.NodeProto]:
    """The pooling, and a reshape where the axis is to go."""
    window = [shape[side] if side == axis else 1 for side in (2, 3)]
    keeps = next((bool(a.i) for a in node.attribute if a.name == "keepdims"), True)
    name = node.output[0]
    made = name if keeps else f"{name}/kept"
    yield helper.make_node(
        "AveragePool", [node.input[0]], [made], name=made, kernel_shape=window, strides=window
    )
    if not keeps:
        sides = np.array([side for i, side in enumerate(shape) if i != axis], np.int64)
        graph.initializer.append(numpy_helper.from_array(sides, f"{name}/shape"))
        yield helper.make_node("Reshape", [made, f"{name}/shape"], [name], name=name)

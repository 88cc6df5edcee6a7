"""A ReLU or ReLU6 behind a convolution is computed by the convolution's layer."""

import onnx_ir as ir

from export.to_tnn.prepare.graph_edit import become, number_of, only_user, producer


def fuse_activations(graph: ir.Graph) -> None:
    """Edits in place, where nothing else takes the convolution's result."""
    for node in list(graph):
        kind = activation_of(node)
        conv = producer(node.inputs[0], "Conv") if kind else None
        if conv is not None and only_user(conv.outputs[0]) is node:
            attributes = dict(conv.attributes) | {"activation": ir.AttrString("activation", kind)}
            become(node, "Conv", conv.inputs, attributes, name=conv.name)
            graph.remove(conv, safe=True)


def activation_of(node: ir.Node) -> str:
    if node.op_type == "Relu":
        return "Relu"
    if node.op_type == "Clip" and len(node.inputs) == 3:
        bounds = [number_of(value) for value in node.inputs[1:]]
        return "Relu6" if bounds == [0, 6] else ""
    return ""

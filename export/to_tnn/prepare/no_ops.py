"""Nodes that give what they take: Identity, Dropout, and casts that change nothing in TNN."""

import onnx_ir as ir

from export.to_tnn.prepare.graph_edit import bypass

#: element types that are the same to TNN: it has no int64
AS_TNN = {ir.DataType.INT64: ir.DataType.INT32}
NARROW = (ir.DataType.UINT8, ir.DataType.INT8)


def remove_no_ops(graph: ir.Graph) -> None:
    """Edits in place."""
    for value in graph.inputs:
        widen(value)
    for node in list(graph):
        others = any(value.uses() or value.is_graph_output() for value in node.outputs[1:])
        if (node.op_type in ("Identity", "Dropout") and not others) or changes_nothing(node):
            bypass(node)


def widen(value: ir.Value) -> None:
    """An input of bytes that is only cast to float32 carries the same numbers as float32.

    TNN has no uint8, and its NAIVE device casts no int8 to float32 on the way in.
    """
    casts = [usage.node for usage in value.uses()]
    if value.dtype in NARROW and all(
        node.op_type == "Cast" and node.attributes["to"].as_int() == ir.DataType.FLOAT
        for node in casts
    ):
        value.dtype = ir.DataType.FLOAT


def changes_nothing(node: ir.Node) -> bool:
    if node.op_type != "Cast" or node.inputs[0] is None or node.inputs[0].dtype is None:
        return False
    given, wanted = node.inputs[0].dtype, ir.DataType(node.attributes["to"].as_int())
    return AS_TNN.get(given, given) == AS_TNN.get(wanted, wanted)

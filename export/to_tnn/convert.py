"""An ONNX model as a TNN network."""

from collections import Counter
from dataclasses import dataclass, replace

import onnx
import onnx_ir as ir

from export.errors import UnsupportedOpError
from export.to_tnn.assemble import Step, assemble
from export.to_tnn.contract import check_graph, check_net
from export.to_tnn.fusions import lost_tensors, witnesses
from export.to_tnn.net import TnnNet
from export.to_tnn.ops import OPS
from export.to_tnn.prepare import REWRITTEN, Shapes, prepare, static_graph
from export.to_tnn.prepare.graph_edit import array_of, has_shape, name_of, shape_of
from export.to_tnn.registry import Lowered, Refusal, Tensor, lower
from export.to_tnn.unsupported import why_unknown

#: NumPy's names of the types that a blob can have; TNN's integers have 32 bits
BLOB_DTYPES = {
    ir.DataType.FLOAT: "float32",
    ir.DataType.INT32: "int32",
    ir.DataType.INT64: "int32",
}
STANDARD = ("", "ai.onnx")


@dataclass(frozen=True)
class Converted:
    """A network, and how to feed it.

    An input that is uint8 in ONNX is float32 in the net, with the same numbers: TNN has no uint8.
    """

    net: TnnNet
    names: dict[str, str]  # blobs of the model's inputs and outputs


def convert(model: onnx.ModelProto, shapes: Shapes | None = None) -> Converted:
    """The network that computes what the model computes, for these shapes of its free inputs.

    Raises ConversionError where a side stays free or the model is broken, UnsupportedOpError
    where TNN lacks an operator, or one of the ways in which it is used.
    """
    graph = static_graph(model, shapes or {})
    check_shapes(graph)
    prepare(graph)
    inputs = [tensor_of(value) for value in graph.inputs]
    outputs = [name_of(value) for value in graph.outputs]
    steps = lower_all(graph)
    check_graph(inputs, outputs, steps)
    net, blobs = assemble(inputs, outputs, steps)
    net = replace(net, layers=(*net.layers, *witnesses(net.layers, lost_tensors(net))))
    check_net(net)
    return Converted(net, {name: blobs[name] for name in (*(x.name for x in inputs), *outputs)})


def check_shapes(graph: ir.Graph) -> None:
    """Raises ConversionError where a shape is free; an unknown operator is the likely reason."""
    free = [value for node in graph for value in used_outputs(node) if not has_shape(value)]
    if not free:
        return
    known = {*OPS, *REWRITTEN}
    if unknown := [node for node in graph if node.op_type not in known]:
        reasons = [Refusal(*why_unknown(node.domain, node.op_type)) for node in unknown]
        raise UnsupportedOpError(describe(list(zip(unknown, reasons, strict=True))))
    shape_of(free[0])


def lower_all(graph: ir.Graph) -> list[Step]:
    """A layer for every node. Raises UnsupportedOpError for all nodes without one at once."""
    steps: list[Step] = []
    refused: list[tuple[ir.Node, Refusal]] = []
    for node in graph:
        try:
            steps.append(lower_node(node))
        except Refusal as refusal:
            refused.append((node, refusal))
    if refused:
        raise UnsupportedOpError(describe(refused)) from refused[0][1]
    return steps


def lower_node(node: ir.Node) -> Step:
    """Raises Refusal."""
    if node.domain not in STANDARD or node.op_type not in OPS:
        raise Refusal(*why_unknown(node.domain, node.op_type))
    op = OPS[node.op_type]
    results = list(node.outputs) if op.many else used_outputs(node)
    if results != list(node.outputs[: len(results)]) or (len(results) > 1 and not op.many):
        raise Refusal("not only its first result is used", "export the model without the others")
    operands = tuple(None if value is None else tensor_of(value) for value in node.inputs)
    attributes = {name: attribute.value for name, attribute in node.attributes.items()}
    lowered: Lowered = lower(op, operands, attributes)
    return Step(str(node.name), tuple(tensor_of(value) for value in results), lowered)


def used_outputs(node: ir.Node) -> list[ir.Value]:
    return [value for value in node.outputs if value.uses() or value.is_graph_output()]


def tensor_of(value: ir.Value) -> Tensor:
    array = array_of(value)
    if array is not None:
        return Tensor(name_of(value), array.shape, str(array.dtype), array)
    dtype = value.dtype
    name = "of no known type" if dtype is None else BLOB_DTYPES.get(dtype, dtype.name.lower())
    return Tensor(name_of(value), shape_of(value), name)


def describe(refused: list[tuple[ir.Node, Refusal]]) -> str:
    """The first node in full, and how many there are more of each operator."""
    first, why = refused[0]
    line = f"TNN can't run {first.op_type} {first.name!r}: {why}"
    more = Counter(node.op_type for node, _ in refused[1:])
    counts = ", ".join(f"{count} {op}" for op, count in sorted(more.items()))
    return f"{line} (and {more.total()} more: {counts})" if more else line

"""Small steps on a graph that keep names, shapes and types in order."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx_ir as ir
from numpy.typing import NDArray

from export.errors import ConversionError

Attribute = int | float | str | Sequence[int]


def has_shape(value: ir.Value) -> bool:
    """Whether every side is a number."""
    return value.shape is not None and all(isinstance(side, int) for side in value.shape.dims)


def shape_of(value: ir.Value) -> tuple[int, ...]:
    """Every side as a number. Raises ConversionError where one is free."""
    sides = () if value.shape is None else value.shape.dims
    if not has_shape(value):
        raise ConversionError(
            f"the shape of the tensor {value.name!r} is not known before it runs: "
            f"[{', '.join(map(str, sides))}]; TNN wants every side as a number, "
            "so export the model without operators whose shape depends on values"
        )
    return tuple(int(side) for side in sides if isinstance(side, int))


def name_of(value: ir.Value) -> str:
    assert value.name is not None
    return value.name


def operand(node: ir.Node, place: int = 0) -> ir.Value:
    """An input that the operator can't be without."""
    value = node.inputs[place]
    assert value is not None
    return value


def array_of(value: ir.Value | None) -> NDArray[Any] | None:
    """The value of a constant, None of what is computed."""
    if value is None or value.const_value is None or value.is_graph_input():
        return None
    return value.const_value.numpy()


def number_of(value: ir.Value | None) -> float | None:
    """The value of a constant with one element."""
    array = array_of(value)
    return None if array is None or array.size != 1 else float(array.reshape(()))


def is_close(value: ir.Value | None, number: float) -> bool:
    """Whether it is a constant of one element, equal but for float32 rounding."""
    found = number_of(value)
    return found is not None and bool(np.isclose(found, number, rtol=1e-5, atol=0))


def constant(node: ir.Node, suffix: str, array: NDArray[Any]) -> ir.Value:
    """A new constant of the node's graph."""
    tensor = ir.tensor(np.ascontiguousarray(array), name=f"{node.name}/{suffix}")
    value = ir.val(tensor.name, const_value=tensor)
    graph_of(node).register_initializer(value)
    return value


def before(
    node: ir.Node,
    suffix: str,
    op_type: str,
    inputs: Sequence[ir.Value | None],
    shape: Sequence[int],
    **attributes: Attribute,
) -> ir.Value:
    """What a new node right before this one gives; its type is that of the first input."""
    first = next(value for value in inputs if value is not None)
    name = f"{node.name}/{suffix}"
    output = ir.val(name, shape=shape, type=first.type)
    new = ir.node(op_type, inputs, attributes, outputs=[output], name=name)
    graph_of(node).insert_before(node, new)
    return output


def become(
    node: ir.Node,
    op_type: str,
    inputs: Sequence[ir.Value | None],
    attributes: dict[str, Any] | None = None,
    name: str | None = None,
) -> None:
    """Puts another node in the place of this one: same result, same name unless given."""
    old = node.outputs[0]
    output = ir.val(old.name, shape=old.shape, type=old.type)
    new = ir.node(op_type, inputs, attributes, outputs=[output], name=name or node.name)
    graph = graph_of(node)
    ir.convenience.replace_nodes_and_values(graph, node, [node], [new], [old], [output])


def bypass(node: ir.Node) -> bool:
    """Removes a node that gives its input unchanged, where no graph output needs it."""
    given, result = node.inputs[0], node.outputs[0]
    assert given is not None
    if result.is_graph_output():
        return take_name(node, given, result)
    result.replace_all_uses_with(given)
    graph_of(node).remove(node, safe=True)
    return True


def take_name(node: ir.Node, given: ir.Value, result: ir.Value) -> bool:
    """As bypass: what is computed right before takes the name of the graph's output."""
    if given.producer() is None or given.is_graph_output():
        return False
    name = result.name
    result.replace_all_uses_with(given, replace_graph_outputs=True)
    graph_of(node).remove(node, safe=True)
    given.name = name
    return True


def graph_of(node: ir.Node) -> ir.Graph:
    graph = node.graph
    assert isinstance(graph, ir.Graph)
    return graph


def only_user(value: ir.Value) -> ir.Node | None:
    """The one node that takes the value, where nothing else does."""
    users = [usage.node for usage in value.uses()]
    return users[0] if len(users) == 1 and not value.is_graph_output() else None


def producer(value: ir.Value | None, op_type: str) -> ir.Node | None:
    """The node that computes the value, where it is of that type."""
    node = None if value is None else value.producer()
    return node if node is not None and node.op_type == op_type else None


def remove_unused(graph: ir.Graph) -> None:
    """Removes nodes and constants that nothing takes."""
    for node in reversed(graph):
        if not any(value.uses() or value.is_graph_output() for value in node.outputs):
            graph.remove(node, safe=True)
    for name, value in list(graph.initializers.items()):
        if not value.uses() and not value.is_graph_output():
            del graph.initializers[name]

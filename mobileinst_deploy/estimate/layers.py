"""A graph's operations grouped into the layers that a good runtime runs, and what each moves.

An element-wise operation joins the layer that makes its input, if nothing else takes that input:
the number is in a register anyway. Views are free. Every layer then reads what it takes and writes
what it makes once, and one layer runs after the other.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from mobileinst_deploy.estimate.counting import (
    ELEMENTWISE,
    SAME_NUMBERS,
    VIEWS,
    data_inputs,
)
from mobileinst_deploy.estimate.onnx_graph import OnnxGraph, Operation, Tensor


@dataclass(frozen=True)
class Layer:
    operations: tuple[Operation, ...]  # the first, and what joined it
    reads: tuple[Tensor, ...]  # without the weights
    weights: tuple[Tensor, ...]
    writes: tuple[Tensor, ...]

    @property
    def name(self) -> str:
        """Of its last operation, as ncnn and others name a layer that another joined."""
        return self.operations[-1].name

    @property
    def type(self) -> str:
        return "+".join(operation.type for operation in self.operations)


def layers_of(graph: OnnxGraph) -> tuple[Layer, ...]:
    """In the order of their first operations."""
    places = Places(graph)
    groups: list[list[Operation]] = []
    made_by: dict[str, list[Operation]] = {}  # a tensor's place -> the group that writes it
    for operation in graph.operations:
        if operation.type in VIEWS:
            continue
        group = next(places.joinable(operation, made_by), None)
        if group is None:
            groups.append(group := [])
        group.append(operation)
        made_by |= {places.of(tensor): group for tensor in operation.outputs}
    return tuple(layer(group, places) for group in groups)


class Places:
    """Where tensors lie: a view that keeps all numbers lies where its input does."""

    def __init__(self, graph: OnnxGraph) -> None:
        self.moved: dict[str, str] = {}
        self.users: Counter[str] = Counter()
        for one in graph.operations:
            if one.type in SAME_NUMBERS:
                self.moved[one.outputs[0].name] = self.of(one.inputs[0])
            else:
                self.users.update({self.of(tensor) for tensor in data_inputs(one)})
        self.users.update({self.moved.get(name, name) for name in graph.outputs})

    def of(self, tensor: Tensor) -> str:
        return self.moved.get(tensor.name, tensor.name)

    def joinable(
        self, one: Operation, made_by: dict[str, list[Operation]]
    ) -> Iterator[list[Operation]]:
        """The groups that it may join."""
        if one.type not in ELEMENTWISE:
            return
        for tensor in data_inputs(one):
            place = self.of(tensor)
            whole = tensor.size == one.outputs[0].size
            if place in made_by and self.users[place] == 1 and whole:
                yield made_by[place]


def layer(operations: list[Operation], places: Places) -> Layer:
    made = {places.of(tensor) for one in operations for tensor in one.outputs}
    taken = {
        places.of(tensor): tensor
        for one in operations
        for tensor in data_inputs(one)
        if places.of(tensor) not in made
    }
    return Layer(
        tuple(operations),
        tuple(tensor for tensor in taken.values() if not tensor.constant),
        tuple(tensor for tensor in taken.values() if tensor.constant),
        operations[-1].outputs,
    )

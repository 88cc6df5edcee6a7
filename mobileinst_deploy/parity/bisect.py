"""Finds the first tensor of a graph that differs from PyTorch, in any runtime that has names.

A cut after the k-th node leaves a few tensors alive: computed before, needed after. A fault at or
before node k shows in at least one of them, so "the cut after k is clean" turns to "is not" once,
and a binary search finds where. Each step runs the prefix of the graph that gives these tensors
and nothing else. Making every tensor an output at once would change what the runtime fuses, and
with it the numbers.

The PyTorch side is the program that the exporter saw, run node by node; all sides name their
tensors alike (`export.naming`). A cut with a tensor that PyTorch does not know is passed over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.export.graph_signature import InputKind
from torch.fx import Interpreter, Node

from export.artifact_sessions import Node as Operation
from export.graphs import Graph
from export.manifest import Bundle
from export.to_onnx import Traced, trace
from mobileinst_deploy.parity.cases import Case
from mobileinst_deploy.parity.metrics import TensorMetrics, compare
from mobileinst_deploy.parity.report import Culprit
from mobileinst_deploy.parity.tolerances import Tolerance, short
from mobileinst_deploy.reference import rebuild_graphs
from mobileinst_deploy.runtimes.artifacts import GuardedSession
from mobileinst_deploy.runtimes.base import Arrays
from models.zoo import Network

LOOSEST = 0.05  # relative; where a precision has no limit of its own


@dataclass(frozen=True)
class Cut:
    """The tensors alive after a node, all of which PyTorch knows by the same name."""

    node: int
    tensors: tuple[str, ...]


@dataclass(frozen=True)
class Search:
    """One graph in one runtime on one frame."""

    runtime: str
    graph: str
    frame: str
    session: GuardedSession
    nodes: Sequence[Operation]
    inputs: Arrays
    expected: Arrays  # from PyTorch, by our names
    limit: float


class Recorder(Interpreter):
    """Runs a program and keeps every tensor by our name."""

    def __init__(self, traced: Traced) -> None:
        super().__init__(traced.program.graph_module)
        self.names = traced.names
        self.values: Arrays = {}

    def run_node(self, n: Node) -> Any:
        value = super().run_node(n)
        if n.name in self.names and isinstance(value, torch.Tensor):
            self.values[self.names[n.name]] = value.detach().numpy()
        return value


def bisect_graph(
    bundle: Bundle,
    network: Network,
    runtime: str,
    session: GuardedSession,
    graph_name: str,
    case: Case,
    tolerance: Tolerance,
) -> Culprit:
    """The first tensor of that graph, in that runtime, that differs on that frame."""
    graph = rebuild_graphs(bundle, network)[graph_name]
    inputs = case.inputs(bundle, graph_name)
    search = Search(
        runtime,
        graph_name,
        case.frame,
        session,
        session.nodes(),
        inputs,
        record(graph, inputs),
        tolerance.relative or LOOSEST,
    )
    cuts = comparable_cuts(search)
    first = first_bad(search, cuts)
    return innocent(search) if first is None else describe(search, cuts, first)


def record(graph: Graph, inputs: Arrays) -> Arrays:
    """Every tensor that PyTorch computes in the graph, by our names, outputs included."""
    traced = trace(graph)
    recorder = Recorder(traced)
    program = traced.program
    stored = {**program.state_dict, **program.constants}
    given = iter(torch.from_numpy(inputs[spec.name]) for spec in graph.inputs)
    arguments = [
        next(given) if spec.kind == InputKind.USER_INPUT else stored[str(spec.target)]
        for spec in program.graph_signature.input_specs
    ]
    with torch.inference_mode():
        outputs = recorder.run(*arguments)
    names = (spec.name for spec in graph.outputs)
    return {**recorder.values, **{n: o.numpy() for n, o in zip(names, outputs, strict=True)}}


def comparable_cuts(search: Search) -> list[Cut]:
    """The cuts, in order of computation, whose tensors all have a counterpart of their size."""
    nodes = search.nodes
    last_use = {name: i for i, node in enumerate(nodes) for name in node.inputs}
    computed = {name for node in nodes for name in node.outputs}
    last_use |= {name: len(nodes) for name in computed - last_use.keys()}  # outputs of the graph
    alive: list[str] = []
    cuts = []
    for index, node in enumerate(nodes):
        alive = [n for n in (*alive, *node.outputs) if last_use[n] > index]
        if alive and all(name in search.expected for name in alive):
            cuts.append(Cut(index, tuple(alive)))
    return cuts


def first_bad(search: Search, cuts: Sequence[Cut]) -> int | None:
    """Index of the first cut with a tensor beyond the limit; None where the last one is clean."""
    low, high = 0, len(cuts)
    while low < high:
        middle = (low + high) // 2
        if any(is_bad(m, search.limit) for m in run_cut(search, cuts[middle]).values()):
            high = middle
        else:
            low = middle + 1
    return low if low < len(cuts) else None


def run_cut(search: Search, cut: Cut) -> dict[str, TensorMetrics]:
    """Runs the part of the graph that gives the cut's tensors, and compares them."""
    got = search.session.run_to(search.inputs, cut.tensors)
    return {name: compare_names(search.expected[name], got[name]) for name in cut.tensors}


def compare_names(expected: Any, got: Any) -> TensorMetrics:
    """A runtime without a batch axis has the same numbers in another shape."""
    return compare(expected, got.reshape(expected.shape) if got.size == expected.size else got)


def is_bad(metrics: TensorMetrics, limit: float) -> bool:
    relative = metrics.relative
    return metrics.nan + metrics.inf > 0 or relative is None or not relative <= limit


def describe(search: Search, cuts: Sequence[Cut], first: int) -> Culprit:
    bad = {n: m for n, m in run_cut(search, cuts[first]).items() if is_bad(m, search.limit)}
    tensor = next(iter(bad))
    start = cuts[first - 1].node + 1 if first else 0
    operations = " → ".join(n.operation for n in search.nodes[start : cuts[first].node + 1])
    before = (
        f"everything up to {search.nodes[start - 1].outputs[0]} agrees"
        if start
        else "it is the first tensor that can be compared"
    )
    relative = bad[tensor].relative
    sentence = f"differs by {short(relative)} of the largest value; {before}"
    return Culprit(
        search.runtime, search.graph, search.frame, tensor, operations, relative, sentence
    )


def innocent(search: Search) -> Culprit:
    return Culprit(
        search.runtime,
        search.graph,
        search.frame,
        "",
        "",
        None,
        "the file agrees with the module it was exported from: the rewrite before export, or the "
        "bundle's weights, differ from the reference",
    )

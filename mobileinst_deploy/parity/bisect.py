"""Finds the first tensor of an ONNX graph that differs from PyTorch.

A cut after the k-th node leaves a few tensors alive: computed before, needed after. A fault at or
before node k shows in at least one of them, so "the cut after k is clean" turns to "is not" once,
and a binary search finds where. Each step runs the prefix of the model that gives these tensors
and nothing else. Making every tensor an output at once would change what the runtime fuses, and
with it the numbers.

The PyTorch side is the program that the exporter saw, run node by node; both sides name their
tensors alike (`export.naming`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import onnx
import torch
from onnx.utils import Extractor
from torch.export.graph_signature import InputKind
from torch.fx import Interpreter, Node

from export.graphs import Graph
from export.manifest import Bundle
from export.to_onnx import Traced, trace
from mobileinst_deploy.parity.cases import Case
from mobileinst_deploy.parity.metrics import TensorMetrics, compare
from mobileinst_deploy.parity.report import Culprit
from mobileinst_deploy.parity.tolerances import Tolerance, short
from mobileinst_deploy.reference import rebuild_graphs
from mobileinst_deploy.runtimes.base import Arrays
from mobileinst_deploy.runtimes.onnxruntime import ONNXRUNTIME, OnnxSession, onnx_artifact
from models.mobileinst.network import MobileInst

LOOSEST = 0.05  # relative; where a precision has no limit of its own


@dataclass(frozen=True)
class Cut:
    """The tensors alive after a node, all of which PyTorch knows by the same name."""

    node: int
    tensors: tuple[str, ...]


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
    bundle: Bundle, network: MobileInst, graph_name: str, case: Case, tolerance: Tolerance
) -> Culprit:
    """The first tensor of that graph, in ONNX Runtime, that differs on that frame."""
    graph = rebuild_graphs(bundle, network)[graph_name]
    inputs = case.inputs(bundle, graph_name)
    expected = record(graph, inputs)
    model = onnx.load(bundle.locate(onnx_artifact(bundle, graph_name).files[0]))
    limit = tolerance.relative or LOOSEST
    cuts = comparable_cuts(model, expected)
    first = first_bad(model, cuts, inputs, expected, limit)
    if first is None:
        return innocent(graph_name, case.frame)
    return describe(model, cuts, first, graph_name, case, inputs, expected, limit)


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


def comparable_cuts(model: onnx.ModelProto, expected: Arrays) -> list[Cut]:
    """The cuts, in order of computation, whose tensors all have a counterpart of their shape."""
    last_use = {name: i for i, node in enumerate(model.graph.node) for name in node.input}
    last_use |= {output.name: len(model.graph.node) for output in model.graph.output}
    alive: list[str] = []
    cuts = []
    for index, node in enumerate(model.graph.node):
        alive = [n for n in (*alive, *node.output) if last_use.get(n, -1) > index]
        if alive and all(name in expected for name in alive):
            cuts.append(Cut(index, tuple(alive)))
    return cuts


def first_bad(
    model: onnx.ModelProto,
    cuts: Sequence[Cut],
    inputs: Arrays,
    expected: Arrays,
    limit: float,
) -> int | None:
    """Index of the first cut with a tensor beyond the limit; None where the last one is clean."""
    low, high = 0, len(cuts)
    while low < high:
        middle = (low + high) // 2
        metrics = run_cut(model, cuts[middle], inputs, expected)
        if any(is_bad(m, limit) for m in metrics.values()):
            high = middle
        else:
            low = middle + 1
    return low if low < len(cuts) else None


def run_cut(
    model: onnx.ModelProto, cut: Cut, inputs: Arrays, expected: Arrays
) -> dict[str, TensorMetrics]:
    """Runs the part of the model that gives the cut's tensors, and compares them."""
    needed = [value.name for value in model.graph.input]
    prefix = Extractor(model).extract_model(needed, list(cut.tensors))
    names = {name: name for name in (*needed, *cut.tensors)}
    used = {value.name for value in prefix.graph.input}
    feed = {name: array for name, array in inputs.items() if name in used}
    got = OnnxSession(prefix.SerializeToString(), names).run(feed)
    return {name: compare(expected[name], got[name]) for name in cut.tensors}


def is_bad(metrics: TensorMetrics, limit: float) -> bool:
    relative = metrics.relative
    return metrics.nan + metrics.inf > 0 or relative is None or not relative <= limit


def describe(
    model: onnx.ModelProto,
    cuts: Sequence[Cut],
    first: int,
    graph: str,
    case: Case,
    inputs: Arrays,
    expected: Arrays,
    limit: float,
) -> Culprit:
    metrics = run_cut(model, cuts[first], inputs, expected)
    bad = {name: m for name, m in metrics.items() if is_bad(m, limit)}
    tensor = next(iter(bad))
    start = cuts[first - 1].node + 1 if first else 0
    nodes = model.graph.node[start : cuts[first].node + 1]
    operations = " → ".join(node.op_type for node in nodes)
    relative = bad[tensor].relative
    before = (
        f"everything up to {model.graph.node[start - 1].output[0]} agrees"
        if start
        else ("it is the first tensor that can be compared")
    )
    sentence = f"differs by {short(relative)} of the largest value; {before}"
    return Culprit(ONNXRUNTIME.name, graph, case.frame, tensor, operations, relative, sentence)


def innocent(graph: str, frame: str) -> Culprit:
    return Culprit(
        ONNXRUNTIME.name,
        graph,
        frame,
        "",
        "",
        None,
        "the file agrees with the module it was exported from: the rewrite before export, or the "
        "bundle's weights, differ from the reference",
    )

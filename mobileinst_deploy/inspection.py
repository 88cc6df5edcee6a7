"""What `mobileinst inspect` finds and how it shows it."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
import onnx
from rich.console import Group
from rich.markup import escape
from rich.table import Table

from export.manifest import Bundle, TensorSpec

MIB = 2**20


def operations(bundle: Bundle) -> dict[str, dict[str, int]]:
    """Graph -> ONNX operation -> how many; most first."""
    return {
        name: dict(
            Counter(
                node.op_type
                for node in onnx.load(bundle.locate(graph.artifacts[0].files[0])).graph.node
            ).most_common()
        )
        for name, graph in bundle.manifest.graphs.items()
    }


def as_json(bundle: Bundle, problems: Sequence[str], ops: dict[str, dict[str, int]]) -> bytes:
    plain: dict[str, Any] = msgspec.to_builtins(bundle.manifest)
    for name, counts in ops.items():
        plain["graphs"][name]["ops"] = counts
    report = {"ok": not problems, "problems": list(problems), **plain}
    return msgspec.json.format(msgspec.json.encode(report), indent=2)


def failure_json(problem: str) -> bytes:
    """For a bundle whose manifest can't be read."""
    report = {"ok": False, "problems": [problem], "graphs": {}}
    return msgspec.json.format(msgspec.json.encode(report), indent=2)


def as_text(bundle: Bundle, ops: dict[str, dict[str, int]]) -> Group:
    tables = [summary(bundle), graph_table(bundle), state_table(bundle)]
    return Group(*tables, *([ops_table(ops)] if ops else []))


def summary(bundle: Bundle) -> Table:
    manifest = bundle.manifest
    weights, preprocessing = manifest.model.weights, manifest.preprocessing
    rows = {
        "bundle": str(bundle.path),
        "model": manifest.model.name,
        "weights": f"{weights.source}, sha256 {weights.source_sha256 or weights.reference.sha256}",
        "input": f"{preprocessing.height}x{preprocessing.width} {preprocessing.colour_order}, "
        f"{preprocessing.resize}, {'baked in' if manifest.preprocessing_baked else 'outside'}",
        "mean, std": f"{preprocessing.mean}, {preprocessing.std}",
        "live kernels": str(manifest.kernels.count or "any number"),
        "golden": ", ".join(f"{golden.source}#{golden.frame}" for golden in manifest.golden),
        "made with": ", ".join(f"{tool} {v}" for tool, v in manifest.versions.items()),
        "revision": manifest.git_revision or "unknown",
    }
    table = Table(show_header=False, box=None)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for key, value in rows.items():
        table.add_row(key, escape(value))
    return table


def graph_table(bundle: Bundle) -> Table:
    table = Table(title=escape(f"Graphs of {bundle.path.name}"))
    for column in ("graph", "inputs", "outputs", "file"):
        table.add_column(column)
    for name, graph in bundle.manifest.graphs.items():
        files = [
            f"{ref.file}\n{ref.size / MIB:.1f} MiB, {artifact.precision}"
            for artifact in graph.artifacts
            for ref in artifact.files
        ]
        table.add_row(name, tensors(graph.inputs), tensors(graph.outputs), "\n".join(files))
        table.add_section()
    return table


def tensors(specs: Sequence[TensorSpec]) -> str:
    return "\n".join(f"{spec.name} {'x'.join(map(str, spec.shape))}" for spec in specs)


def state_table(bundle: Bundle) -> Table:
    table = Table(title="State between graphs")
    for column in ("from", "to", "what happens in between", "lifetime"):
        table.add_column(column)
    for edge in bundle.manifest.state:
        table.add_row(edge.source, edge.target, edge.transform, edge.lifetime)
    return table


def ops_table(ops: dict[str, dict[str, int]]) -> Table:
    table = Table(title="Operations")
    table.add_column("op")
    for graph in ops:
        table.add_column(graph, justify="right")
    for op in sorted({op for counts in ops.values() for op in counts}):
        table.add_row(op, *(str(counts.get(op, "")) for counts in ops.values()))
    return table

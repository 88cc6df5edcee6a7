"""What `mobileinst inspect` finds and how it shows it."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
import onnx
from rich.console import Group
from rich.markup import escape
from rich.table import Table

from export.convert_model import Conversion
from export.manifest import MOBILEINST, Bundle, CategorySpec, FileRef, Manifest, TensorSpec

MIB = 2**20
KEYFRAME = "keyframe"
SHOWN = 12  # categories that are spelled out


def operations(bundle: Bundle) -> dict[str, dict[str, int]]:
    """Graph -> ONNX operation -> how many; most first."""
    paths = {
        name: bundle.locate(bundle.artifact(name, "onnx").files[0])
        for name in bundle.manifest.graphs
    }
    return {
        name: dict(Counter(node.op_type for node in onnx.load(path).graph.node).most_common())
        for name, path in paths.items()
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
    tables = [summary(bundle), graph_table(bundle), size_table(bundle)]
    if bundle.manifest.state:
        tables.append(state_table(bundle))
    return Group(*tables, *([ops_table(ops)] if ops else []))


def summary(bundle: Bundle) -> Table:
    manifest = bundle.manifest
    weights, preprocessing = manifest.model.weights, manifest.preprocessing
    rows = {
        "bundle": str(bundle.path),
        "model": manifest.model.name,
        "architecture": manifest.model.architecture,
        "weights": f"{weights.source}, sha256 {weights.source_sha256 or weights.reference.sha256}",
        "input": f"{preprocessing.height}x{preprocessing.width} {preprocessing.colour_order}, "
        f"{preprocessing.resize}, {'baked in' if manifest.preprocessing_baked else 'outside'}",
        "mean, std": f"{preprocessing.mean}, {preprocessing.std}",
        "categories": category_line(manifest.model.categories),
        **kernel_line(manifest),
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


def kernel_line(manifest: Manifest) -> dict[str, str]:
    """How many live kernels, or chosen instances, graphs take; {} where none takes any."""
    if manifest.model.architecture == MOBILEINST:
        return {"live kernels": str(manifest.kernels.count or "any number")}
    return {"instances": str(manifest.kernels.count)} if manifest.kernels.count else {}


def category_line(categories: Sequence[CategorySpec]) -> str:
    if not categories:
        return "not known"
    named = ", ".join(f"{category.id} {category.name}" for category in categories[:SHOWN])
    more = len(categories) - SHOWN
    return f"{len(categories)}: {named}{f' and {more} more' if more > 0 else ''}"


def graph_table(bundle: Bundle) -> Table:
    table = Table(title=escape(f"Graphs of {bundle.path.name}"))
    for column in ("graph", "inputs", "outputs"):
        table.add_column(column)
    table.add_column("weights MiB\n(of them the keyframe's)", justify="right")
    for name, graph in bundle.manifest.graphs.items():
        weights = f"{graph.weight_bytes / MIB:.1f}"
        if name != KEYFRAME and graph.common_weight_bytes:
            weights = f"{weights} ({graph.common_weight_bytes / MIB:.1f})"
        table.add_row(name, tensors(graph.inputs), tensors(graph.outputs), weights)
        table.add_section()
    return table


def size_table(bundle: Bundle) -> Table:
    """What each format and precision takes on disk, all graphs together."""
    table = Table(title="Files")
    table.add_column("format")
    table.add_column("precision")
    table.add_column("files", overflow="fold")
    for column in ("MiB", "MiB if nothing were shared"):
        table.add_column(column, justify="right")
    for (kind, precision), refs in files_by_kind(bundle).items():
        names = dict.fromkeys(ref.file for ref in refs)
        table.add_row(kind, precision, " ".join(names), *(f"{n / MIB:.1f}" for n in sizes(refs)))
    return table


def files_by_kind(bundle: Bundle) -> dict[tuple[str, str], list[FileRef]]:
    found: dict[tuple[str, str], list[FileRef]] = {}
    for graph in bundle.manifest.graphs.values():
        for artifact in graph.artifacts:
            found.setdefault((artifact.format, artifact.precision), []).extend(artifact.files)
    return found


def sizes(refs: Sequence[FileRef]) -> tuple[int, int]:
    """Bytes with equal content once, and with every graph having its own."""
    return sum({ref.sha256: ref.size for ref in refs}.values()), sum(ref.size for ref in refs)


def tensors(specs: Sequence[TensorSpec]) -> str:
    return "\n".join(f"{spec.name} {'x'.join(map(str, spec.shape))}" for spec in specs)


def conversion_table(conversion: Conversion) -> Table:
    files = ", ".join(f"{ref.file} {ref.size / MIB:.1f} MiB" for ref in conversion.files)
    table = Table(title=escape(f"{conversion.source} as {conversion.format}: {files}"))
    for column in ("tensor", "name in the files", "shape", "differs from ONNX Runtime by"):
        table.add_column(column)
    for name, shape in conversion.inputs.items():
        table.add_row(name, conversion.names.get(name, "unused"), "x".join(map(str, shape)), "")
    for output in conversion.outputs:
        shape_text = "x".join(map(str, output.shape))
        relative = f"{output.relative:.0e} of the largest value"
        table.add_row(output.name, conversion.names[output.name], shape_text, relative)
    return table


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

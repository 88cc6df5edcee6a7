"""The ONNX files of a bundle's graphs."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import onnx

from export.goldens import GoldenFrame
from export.graphs import Graph
from export.manifest import Artifact, Precision, file_ref
from export.writing import Writing


def write_onnx(writing: Writing) -> dict[str, tuple[Artifact, ...]]:
    """Writes and runs every graph. Raises ConversionError."""
    return {
        name: writing.checked(graph, write_graph(writing, graph, writing.models[name]))
        for name, graph in writing.graphs.items()
    }


def write_graph(writing: Writing, graph: Graph, model: onnx.ModelProto) -> Iterator[Artifact]:
    yield write_model(writing.root, graph, f"{graph.name}.onnx", model, "fp32", {})
    if writing.formats.has("onnx", "int8"):
        writing.progress(f"calibrating {graph.name}")
        yield write_int8(writing.root, graph, model, writing.goldens)


def write_model(
    root: Path,
    graph: Graph,
    file: str,
    model: onnx.ModelProto,
    precision: Precision,
    settings: dict[str, str | int],
) -> Artifact:
    path = root / file
    path.write_bytes(model.SerializeToString(deterministic=True))
    names = {spec.name: spec.name for spec in (*graph.inputs, *graph.outputs)}
    opset = next(o.version for o in model.opset_import if not o.domain)
    return Artifact("onnx", precision, (file_ref(root, path),), names, {"opset": opset, **settings})


def write_int8(
    root: Path, graph: Graph, model: onnx.ModelProto, goldens: Sequence[GoldenFrame]
) -> Artifact:
    """Every convolution, calibrated on the golden frames. A graph without one stays as it is.

    The backbone's alone save nothing: it is a sixth of the keyframe, which takes 0.98 of the time
    then, and 0.46 with all of them, at the same cost in masks (IoU 0.668 and 0.664).
    """
    from export.to_int8 import quantize_convolutions

    if not any(node.op_type == "Conv" for node in model.graph.node):
        return write_model(root, graph, f"{graph.name}.onnx", model, "int8", {"quantized_nodes": 0})
    quantized = quantize_convolutions(model, [golden.feed(graph) for golden in goldens])
    settings = {"quantized_nodes": len(quantized.nodes), **quantized.settings}
    return write_model(root, graph, f"{graph.name}.int8.onnx", quantized.model, "int8", settings)

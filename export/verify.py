"""Everything about a bundle that can be checked without PyTorch: one line a problem."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from export.errors import BundleError, first_line
from export.golden_io import PICTURE, golden_key, read_golden
from export.manifest import (
    AS_IT_IS,
    MANIFEST_NAME,
    Artifact,
    Bundle,
    GraphSpec,
    StateEdge,
    TensorSpec,
    find_problems,
)
from export.sides import per_kernel

ONNX_TYPES: dict[int, str] = {onnx.TensorProto.FLOAT: "float32", onnx.TensorProto.UINT8: "uint8"}


def verify(bundle: Bundle) -> list[str]:
    """Files, their hashes, the graphs' contract, the state between them, the golden tensors."""
    problems = find_problems(bundle)
    if not problems:  # what is in the files is worth a look only where they are the right ones
        problems = [
            *graph_problems(bundle),
            *weight_problems(bundle),
            *golden_problems(bundle),
        ]
    return [*problems, *state_problems(bundle), *foreign_files(bundle)]


def foreign_files(bundle: Bundle) -> Iterator[str]:
    listed = {ref.file for ref in bundle.manifest.files()} | {MANIFEST_NAME}
    for path in sorted(bundle.path.rglob("*")):
        if not path.is_dir() and path.relative_to(bundle.path).as_posix() not in listed:
            yield f"{path} is foreign: the manifest does not list it"


def graph_problems(bundle: Bundle) -> Iterator[str]:
    for graph in bundle.manifest.graphs.values():
        for artifact in graph.artifacts:
            path = bundle.locate(artifact.files[0])
            try:
                model = onnx.load(path)
                onnx.checker.check_model(model)
            except Exception as error:  # protobuf's and onnx' errors share no base class
                yield f"{path} is not a valid ONNX model: {first_line(error)}"
                continue
            yield from contract_problems(path, model, graph, artifact)


def contract_problems(
    path: Path, model: onnx.ModelProto, graph: GraphSpec, artifact: Artifact
) -> Iterator[str]:
    """Where the file's inputs and outputs are not those of the manifest."""
    for kind, values, specs in (
        ("inputs", model.graph.input, graph.inputs),
        ("outputs", model.graph.output, graph.outputs),
    ):
        got = {value.name: describe(value) for value in values}
        wanted = {artifact.names.get(s.name, s.name): (s.dtype, s.shape) for s in specs}
        if got != wanted:
            yield f"{path} has other {kind} than the manifest: expected {wanted}, got {got}"


def describe(value: onnx.ValueInfoProto) -> tuple[str, tuple[int | str, ...]]:
    tensor = value.type.tensor_type
    shape = tuple(dim.dim_param or dim.dim_value for dim in tensor.shape.dim)
    return ONNX_TYPES.get(tensor.elem_type, str(tensor.elem_type)), shape


def state_problems(bundle: Bundle) -> Iterator[str]:
    """Edges of the state contract that name what no graph has, or two shapes that do not fit."""
    graphs = bundle.manifest.graphs
    outputs = {f"{g}.{spec.name}": spec for g in graphs for spec in graphs[g].outputs}
    inputs = {f"{g}.{spec.name}": spec for g in graphs for spec in graphs[g].inputs}
    for edge in bundle.manifest.state:
        source, target = outputs.get(edge.source), inputs.get(edge.target)
        if source is None or target is None:
            yield f"{bundle.path}: the state edge {edge.source} → {edge.target} names no tensor"
        elif source.dtype != target.dtype or kept(edge, source) != kept(edge, target):
            yield f"{bundle.path}: {edge.source} does not fit into {edge.target}"


def kept(edge: StateEdge, spec: TensorSpec) -> tuple[int | str, ...]:
    """The sides that have to be alike on both ends: selecting kernels changes their number."""
    return spec.shape if edge.transform == AS_IT_IS else spec.shape[2:]


def weight_problems(bundle: Bundle) -> Iterator[str]:
    path = bundle.locate(bundle.manifest.model.weights.reference)
    try:
        with safe_open(path, framework="numpy") as file:
            if not file.keys():
                yield f"{path} has no tensors"
    except (OSError, SafetensorError) as error:
        yield f"{path} is not a safetensors file: {error}"


def golden_problems(bundle: Bundle) -> Iterator[str]:
    for golden in bundle.manifest.golden:
        path = bundle.locate(golden.reference)
        try:
            arrays = read_golden(bundle, golden)
        except BundleError as error:
            yield str(error)
            continue
        if not is_picture(arrays.get(PICTURE)):
            yield f"{path}: the picture is missing or is no [h, w, 3] uint8"
        for name, graph in bundle.manifest.graphs.items():
            for spec in (*graph.inputs, *graph.outputs):
                array = arrays.get(golden_key(name, spec.name))
                if array is None or not fits(array.shape, spec) or array.dtype != spec.dtype:
                    yield f"{path}: {name}/{spec.name} is missing or has another shape or type"
                elif not np.isfinite(array).all():
                    yield f"{path}: {name}/{spec.name} has NaN or infinity"


def is_picture(array: NDArray[Any] | None) -> bool:
    return array is not None and array.dtype == np.uint8 and array.ndim == 3 and array.shape[2] == 3


def fits(shape: tuple[int, ...], spec: TensorSpec) -> bool:
    return len(shape) == len(spec.shape) and all(
        got % per_kernel(side) == 0 if isinstance(side, str) else got == side
        for got, side in zip(shape, spec.shape, strict=True)
    )

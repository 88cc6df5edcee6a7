"""Everything about a bundle that can be checked without PyTorch: one line a problem."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from export.artifact_checks import artifact_problems, fits
from export.errors import BundleError
from export.golden_io import PICTURE, golden_key, read_golden
from export.manifest import (
    AS_IT_IS,
    MANIFEST_NAME,
    Bundle,
    StateEdge,
    TensorSpec,
    find_problems,
)


def verify(bundle: Bundle) -> list[str]:
    """Files, their hashes, the graphs' contract, the state between them, the golden tensors."""
    problems = find_problems(bundle)
    if not problems:  # what is in the files is worth a look only where they are the right ones
        problems = [
            *dict.fromkeys(graph_problems(bundle)),  # two precisions may share a file
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
            paths = [bundle.locate(ref) for ref in artifact.files]
            yield from artifact_problems(paths, graph, artifact)


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
                if array is None or not fits(array.shape, spec.shape) or array.dtype != spec.dtype:
                    yield f"{path}: {name}/{spec.name} is missing or has another shape or type"
                elif not np.isfinite(array).all():
                    yield f"{path}: {name}/{spec.name} has NaN or infinity"


def is_picture(array: NDArray[Any] | None) -> bool:
    return array is not None and array.dtype == np.uint8 and array.ndim == 3 and array.shape[2] == 3

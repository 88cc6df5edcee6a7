"""From a bundle to what a runner is given: which files, and a golden frame's tensors as inputs."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from android_bench.remote.job import (
    FileRef,
    Job,
    JobGraph,
    JobInput,
    JobOutput,
    JobSchedule,
    file_ref,
)
from export import manifest
from export.artifact_checks import fits, ncnn_problems
from export.errors import BundleError
from export.golden_io import find_golden, golden_inputs
from export.manifest import MANIFEST_NAME, Artifact, Bundle, GraphSpec, Precision, digest

Wanted = tuple[str, str, Precision]  # key in the runner's events, graph, precision
Inputs = dict[str, JobInput]  # by our names


def make_job(
    bundle: Bundle,
    wanted: Sequence[Wanted],
    golden: int = 0,
    schedule: JobSchedule | None = None,
) -> Job:
    """The graphs as ncnn files, loaded in this order, fed with the tensors of one golden frame.

    Raises BundleError where the bundle lacks a graph, its ncnn files or the golden frame, or where
    a file is another graph's, which would crash ncnn.
    """
    inputs = {graph: read_inputs(bundle, graph, golden) for _, graph, _ in wanted}
    return Job(
        bundle=bundle.path.resolve().name,
        manifest_sha256=digest(bundle.path / MANIFEST_NAME),
        graphs=tuple(job_graph(bundle, one, inputs[one[1]]) for one in wanted),
        schedule=schedule,
    )


def read_inputs(bundle: Bundle, graph: str, golden: int) -> Inputs:
    """Their blobs' names are left out: each artifact has its own."""
    arrays = golden_inputs(bundle, graph, golden)
    for spec in bundle.graph(graph).inputs:
        if not fits(arrays[spec.name].shape, spec.shape):
            raise BundleError(
                f"{bundle.locate(find_golden(bundle, golden).reference)} has {spec.name!r} of "
                f"shape {list(arrays[spec.name].shape)}, but graph {graph!r} takes "
                f"{list(spec.shape)}; export the bundle again"
            )
    return {
        name: JobInput(name, "", array.shape[1:], file_ref(raw(array)))
        for name, array in arrays.items()
    }


def raw(array: NDArray[Any]) -> bytes:
    """Little-endian float32 in C order, without the batch axis: as ncnn is fed."""
    return np.ascontiguousarray(array[0], "<f4").tobytes()


def job_graph(bundle: Bundle, wanted: Wanted, inputs: Inputs) -> JobGraph:
    key, graph, precision = wanted
    spec, artifact = bundle.graph(graph), bundle.artifact(graph, "ncnn", precision)
    check_files(bundle, spec, artifact)
    param, weights = (stored(bundle, ref) for ref in artifact.files)
    return JobGraph(
        key,
        graph,
        precision,
        param,
        weights,
        tuple(replace(inputs[s.name], blob=artifact.names[s.name]) for s in spec.inputs),
        tuple(JobOutput(s.name, artifact.names[s.name]) for s in spec.outputs),
    )


def check_files(bundle: Bundle, spec: GraphSpec, artifact: Artifact) -> None:
    paths = [bundle.locate(ref) for ref in artifact.files]
    for problem in ncnn_problems(paths, spec, artifact):
        raise BundleError(f"{problem}; export the bundle again")


def stored(bundle: Bundle, ref: manifest.FileRef) -> FileRef:
    return FileRef(ref.sha256, ref.size, bundle.locate(ref))

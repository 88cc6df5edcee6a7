"""Runs what was written, in the runtime it is for, before anybody is told that it works."""

from pathlib import Path

from export.artifact_sessions import open_artifact
from export.errors import ConversionError
from export.goldens import GoldenFrame
from export.graphs import Graph
from export.manifest import Artifact, GraphSpec, Precision
from export.reference import largest_relative_error

# What a graph may differ by, of the largest value. fp32: sums in another order differ by 1e-6 to
# 1e-5 after this many layers; a wrong operation differs by 1e-2 and more. The others are the
# presets of parity (`mobileinst_deploy.parity.tolerances`), where the masks are judged as well;
# int8 has outliers, so that only a graph that is plainly another one is refused here.
RUN_CHECK_RELATIVE: dict[Precision, float] = {
    "fp32": 1e-4,
    "fp16-storage": 5e-2,
    "fp16": 1e-1,
    "int8": 1.0,
}

ADVICE: dict[Precision, str] = {
    "fp16-storage": "; these weights do not bear float16: leave it out with --precisions fp32",
    "fp16": "; leave fp16 out of --precisions",
    "int8": "; leave int8 out of --precisions",
}

# Weights that were never trained can amplify rounding beyond that. Then the limit is so many times
# the distance of PyTorch's float32 from float64.
ROUNDING_SPREAD = 4


def spec_of(graph: Graph) -> GraphSpec:
    return GraphSpec(graph.description, graph.inputs, graph.outputs, ())


def check_by_running(root: Path, graph: Graph, artifact: Artifact, golden: GoldenFrame) -> None:
    """Raises ConversionError where the runtime does not load the files or gives something else."""
    what = f"the graph {graph.name} as {artifact.format} {artifact.precision}"
    wanted = golden.wanted(graph)
    try:
        got = open_artifact(root, spec_of(graph), artifact).run(golden.feed(graph))
    except ConversionError as error:
        raise ConversionError(f"{what}: {error}") from error
    relative = largest_relative_error(got, wanted)
    limit = RUN_CHECK_RELATIVE[artifact.precision]
    if not relative <= limit:
        exact = {name: golden.exact()[graph.name][name] for name in wanted}
        limit = max(limit, ROUNDING_SPREAD * largest_relative_error(wanted, exact))
    if not relative <= limit:
        raise ConversionError(
            f"{what} differs from PyTorch by {relative:.1e} of the largest value, expected at most "
            f"{limit:.0e}: the bundle was not written{ADVICE.get(artifact.precision, '')}"
        )

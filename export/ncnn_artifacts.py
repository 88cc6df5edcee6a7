"""The ncnn files of a bundle's graphs: one `.param` a graph, and as few `.bin` as can be."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

import onnx

from export.artifact_sessions import open_artifact
from export.check import spec_of
from export.errors import ConversionError
from export.free_sides import has_free_sides
from export.goldens import GoldenFrame
from export.graphs import Graph
from export.half_range import find_islands, half_ranges
from export.manifest import Artifact, FileRef, Precision, file_ref
from export.ncnn_masks import mask_layers, missing_blobs
from export.onnx_tensors import Arrays, onnx_session, run_onnx
from export.reference import largest_relative_error
from export.sides import per_kernel
from export.simplify import simplify
from export.to_ncnn import NcnnFiles, to_ncnn
from export.writing import Writing

FOLDER = "ncnn"
ENDINGS: dict[Precision, str] = {"fp32": ".bin", "fp16-storage": ".fp16.bin"}
OTHER_COUNT = 3  # kernels, to see that n is really free
OTHER_COUNT_RELATIVE = 1e-4  # ncnn from ONNX Runtime, both in float32


@dataclass
class WeightFiles:
    """The `.bin` written so far. ncnn reads one from its start, and stops where it has enough."""

    root: Path
    written: list[tuple[bytes, FileRef]] = field(default_factory=list)

    def place(self, name: str, weights: bytes) -> FileRef:
        """A file that starts with these weights: one that is there already, or a new one."""
        for there, ref in self.written:
            if there.startswith(weights):
                return ref
        path = self.root / FOLDER / name
        path.write_bytes(weights)
        ref = file_ref(self.root, path)
        self.written.append((weights, ref))
        return ref


def write_ncnn(writing: Writing) -> dict[str, tuple[Artifact, ...]]:
    """Converts, writes and runs every graph. Raises ConversionError."""
    (writing.root / FOLDER).mkdir()
    weights = WeightFiles(writing.root)
    return {
        name: write_checked(writing, graph, writing.models[name], weights)
        for name, graph in writing.graphs.items()
    }


def write_checked(
    writing: Writing, graph: Graph, model: onnx.ModelProto, weights: WeightFiles
) -> tuple[Artifact, ...]:
    """One graph in every precision."""
    writing.progress(f"converting {graph.name} to ncnn")
    root, golden = writing.root, writing.goldens[0]
    half = writing.formats.has("ncnn", "fp16-storage")
    files, is_free = convert(model, golden.feed(graph), half)
    artifacts = [*write_graph(root, graph, files, is_free, weights)]
    if writing.formats.has("ncnn", "fp16"):
        writing.progress(f"finding the ranges of {graph.name}")
        feeds = [frame.feed(graph) for frame in writing.goldens]
        artifacts.append(write_masked(root, graph, model, feeds, files, artifacts[0]))
    if is_free:
        check_other_count(root, graph, artifacts[0], model, golden)
    return writing.checked(graph, artifacts)


def convert(model: onnx.ModelProto, feed: Arrays, half: bool) -> tuple[NcnnFiles, bool]:
    """With n free where pnnx can do that, else with the sides of `feed`; and whether it is free."""
    if not has_free_sides(model):
        return to_ncnn(model, feed, half=half), False
    try:
        return to_ncnn(model, feed, half=half), True
    except ConversionError:  # pnnx can't slice at a place that depends on n
        fixed = simplify(model, {name: array.shape for name, array in feed.items()})
        return to_ncnn(fixed, feed, half=half), False


def write_graph(
    root: Path, graph: Graph, files: NcnnFiles, is_free: bool, weights: WeightFiles
) -> Iterator[Artifact]:
    path = root / FOLDER / f"{graph.name}.param"
    path.write_text(files.param)
    param = file_ref(root, path)
    settings: dict[str, str | int] = {
        "pnnx": version("pnnx"),
        "kernels": "free" if is_free else "fixed",
    }
    stored = {"fp32": files.weights, "fp16-storage": files.half_weights}
    for precision, ending in ENDINGS.items():
        if (content := stored[precision]) is not None:
            bin_ref = weights.place(f"{graph.name}{ending}", content)
            yield Artifact("ncnn", precision, (param, bin_ref), files.names, settings)


def write_masked(
    root: Path,
    graph: Graph,
    model: onnx.ModelProto,
    feeds: Sequence[Arrays],
    files: NcnnFiles,
    exact: Artifact,
) -> Artifact:
    """For float16 arithmetic: layers that real frames drive out of its range stay in float32.

    The weights are the float32 ones, which ncnn rounds where it may: a masked layer needs them.
    """
    islands = find_islands(half_ranges(model, feeds))
    param = mask_layers(files.param, with_readers(model, files.param, islands))
    path = root / FOLDER / f"{graph.name}{'.fp16' if islands else ''}.param"
    path.write_text(param)
    settings = {**exact.settings, "frames": len(feeds), "islands": ",".join(sorted(islands))}
    return replace(
        exact,
        precision="fp16",
        files=(file_ref(root, path), exact.files[1]),
        settings=settings,
    )


def with_readers(model: onnx.ModelProto, param: str, islands: frozenset[str]) -> frozenset[str]:
    """The islands, and what is computed from those that ncnn has fused with the layer behind."""
    fused = missing_blobs(param, islands)
    readers = (node for node in model.graph.node if fused & {*node.input})
    return islands | {name for node in readers for name in node.output}


def check_other_count(
    root: Path, graph: Graph, artifact: Artifact, model: onnx.ModelProto, golden: GoldenFrame
) -> None:
    """Raises ConversionError unless the graph also runs, and runs right, on fewer kernels."""
    feed = dict(golden.feed(graph))
    for spec in graph.inputs:
        for axis, side in enumerate(spec.shape):
            if isinstance(side, str):
                feed[spec.name] = feed[spec.name].take(range(per_kernel(side) * OTHER_COUNT), axis)
    wanted = run_onnx(onnx_session(model.SerializeToString()), feed)
    got = open_artifact(root, spec_of(graph), artifact).run(feed)
    relative = largest_relative_error(got, wanted)
    if not relative <= OTHER_COUNT_RELATIVE:
        raise ConversionError(
            f"the graph {graph.name} as ncnn differs by {relative:.1e} with {OTHER_COUNT} kernels: "
            "give --kernels a number"
        )

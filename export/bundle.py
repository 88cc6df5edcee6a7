"""Writes a bundle: network -> graphs -> ONNX, checked by running, with golden tensors."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache, partial
from importlib import metadata
from pathlib import Path
from typing import Any

import onnxruntime as ort
from numpy.typing import NDArray
from safetensors.numpy import save_file

from export import live_kernels
from export.errors import ConversionError, first_line
from export.golden_io import IMAGE, PICTURE, golden_key
from export.graphs import (
    FOLD,
    KEYFRAME,
    KEYFRAME_LITERAL,
    REUSE_FOLDED,
    REUSE_PLAIN,
    Graph,
    GraphOptions,
    build_graphs,
)
from export.manifest import (
    AS_IT_IS,
    SCHEMA_VERSION,
    Artifact,
    Bundle,
    Golden,
    GraphSpec,
    KernelRule,
    Manifest,
    Model,
    StateEdge,
    Weights,
    file_ref,
    open_bundle,
    write_manifest,
)
from export.reference import (
    Arrays,
    Reference,
    exact_tensors,
    expected_tensors,
    largest_relative_error,
)
from export.revision import git_revision
from export.staging import staged_folder
from export.to_onnx import DEFAULT_OPSET, to_onnx
from models.checkpoint import save_weights
from models.frames import Frame
from models.mobileinst.network import MobileInst
from models.zoo import MobileInstConfig

TOOLS = ("mobileinst-deploy", "torch", "onnx", "onnxruntime", "onnxscript", "onnxsim", "numpy")

# What a graph may differ by when it is run once at the end of export. Float32 sums in another order
# differ by 1e-6 to 1e-5 after this many layers; a wrong operation differs by 1e-2 and more.
RUN_CHECK_RELATIVE = 1e-4

# Weights that were never trained can amplify rounding beyond that. Then the limit is so many times
# the distance of PyTorch's float32 from float64.
ROUNDING_SPREAD = 4


@dataclass(frozen=True)
class Subject:
    """The network to export and where its weights come from."""

    name: str
    config: MobileInstConfig
    network: MobileInst
    weights_source: str  # "seeded", or the checkpoint's file name
    weights_sha256: str | None  # of the checkpoint


@dataclass(frozen=True)
class GoldenFrame:
    """A golden frame as it was written, for the check of the graphs."""

    entry: Golden
    image: NDArray[Any]  # as the graphs take it
    tensors: dict[str, Arrays]  # graph -> its other inputs and its outputs
    exact: Callable[[], dict[str, Arrays]]  # the same in float64


Progress = Callable[[str], None]


def write_bundle(
    subject: Subject,
    options: GraphOptions,
    frames: Sequence[Frame],
    target: Path,
    *,
    opset: int = DEFAULT_OPSET,
    overwrite: bool = False,
    progress: Progress = lambda step: None,
) -> Bundle:
    """Exports, runs and compares every graph, then moves the bundle into place.

    Raises ConversionError, OutputExistsError, InputSizeError; leaves nothing behind then.
    """
    graphs = build_graphs(subject.network, options)
    with staged_folder(target, overwrite) as root:
        goldens = [*write_goldens(root, subject, options, frames)]
        written = {}
        for name, graph in graphs.items():
            progress(f"exporting {name}")
            written[name] = write_graph(root, graph, opset)
            progress(f"running {name}")
            check_by_running(root / f"{name}.onnx", graph, goldens[0])
        weights = root / "weights.safetensors"
        save_weights(subject.network, weights)
        manifest = Manifest(
            SCHEMA_VERSION,
            Model(
                subject.name,
                asdict(subject.config),
                Weights(file_ref(root, weights), subject.weights_source, subject.weights_sha256),
            ),
            options.preprocessing,
            options.source_size is not None,
            KernelRule(options.kernels, live_kernels.PADDING_RULE),
            written,
            state_contract(graphs),
            tuple(golden.entry for golden in goldens),
            {tool: metadata.version(tool) for tool in TOOLS},
            git_revision(),
        )
        write_manifest(root, manifest)
    return open_bundle(target)


def write_graph(root: Path, graph: Graph, opset: int) -> GraphSpec:
    path = root / f"{graph.name}.onnx"
    path.write_bytes(to_onnx(graph, opset).SerializeToString(deterministic=True))
    names = {spec.name: spec.name for spec in (*graph.inputs, *graph.outputs)}
    artifact = Artifact("onnx", "fp32", (file_ref(root, path),), names, {"opset": opset})
    return GraphSpec(graph.description, graph.inputs, graph.outputs, (artifact,))


def check_by_running(path: Path, graph: Graph, golden: GoldenFrame) -> None:
    """Raises ConversionError where ONNX Runtime does not load the file or gives something else."""
    feed = {
        spec.name: golden.image if spec.name == IMAGE else golden.tensors[graph.name][spec.name]
        for spec in graph.inputs
    }
    wanted = {spec.name: golden.tensors[graph.name][spec.name] for spec in graph.outputs}
    try:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3  # errors alone
        session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        values = session.run(list(wanted), feed)
    except Exception as error:  # ONNX Runtime's errors share no base class
        reason = first_line(error)
        raise ConversionError(f"ONNX Runtime can't run the graph {graph.name}: {reason}") from error
    relative = largest_relative_error(dict(zip(wanted, values, strict=True)), wanted)
    limit = RUN_CHECK_RELATIVE
    if not relative <= limit:
        exact = {name: golden.exact()[graph.name][name] for name in wanted}
        limit = max(limit, ROUNDING_SPREAD * largest_relative_error(wanted, exact))
    if not relative <= limit:
        raise ConversionError(
            f"the exported graph {graph.name} differs from PyTorch by {relative:.1e} of the "
            f"largest value, expected at most {limit:.0e}: the bundle was not written"
        )


def write_goldens(
    root: Path, subject: Subject, options: GraphOptions, frames: Sequence[Frame]
) -> Iterator[GoldenFrame]:
    """One file a frame; the kernels that reach a frame are the best of the frame before it."""
    reference = Reference(subject.network, options.preprocessing)
    count = options.kernels or live_kernels.DEFAULT_COUNT
    (root / "golden").mkdir()
    previous = reference.keyframe(reference.image(frames[0].picture))
    for index, frame in enumerate(frames):
        image = reference.image(frame.picture)
        kernels = live_kernels.live(previous, count)
        tensors = expected_tensors(reference, image, kernels)
        previous = tensors[KEYFRAME]
        if not options.literal:
            del tensors[KEYFRAME_LITERAL]
        graph_image = frame.picture[None] if options.source_size else image
        path = root / "golden" / f"frame-{index}.safetensors"
        arrays = {PICTURE: frame.picture, IMAGE: graph_image}
        for graph, named in tensors.items():
            arrays |= {golden_key(graph, name): array for name, array in named.items()}
        save_file(arrays, path)
        entry = Golden(file_ref(root, path), frame.source, frame.index)
        exact = partial(exact_tensors, reference, image, kernels)
        yield GoldenFrame(entry, graph_image, tensors, cache(exact))


def state_contract(graphs: dict[str, Graph]) -> tuple[StateEdge, ...]:
    until = "until the next keyframe"
    reset = "at every keyframe"
    select = "the live kernels, chosen and padded by the kernel rule"
    edges = [
        StateEdge(f"{KEYFRAME}.kernels", f"{target}.kernels", until, reset, select)
        for target in (FOLD, REUSE_PLAIN)
    ]
    return (
        *edges,
        *(
            StateEdge(f"{FOLD}.{o.name}", f"{REUSE_FOLDED}.{o.name}", until, reset, AS_IT_IS)
            for o in graphs[FOLD].outputs
        ),
    )

"""Writes a bundle: network -> graphs -> ONNX -> ncnn, TNN, checked by running, with goldens."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

import onnx
from onnx import numpy_helper

from export.architecture import architecture, make_reference
from export.formats import ONNX_ALONE, Formats
from export.goldens import GoldenFrame, write_goldens
from export.graphs import Graph, GraphOptions
from export.manifest import (
    SCHEMA_VERSION,
    Artifact,
    Bundle,
    CategorySpec,
    Format,
    GraphSpec,
    Manifest,
    Model,
    Weights,
    file_ref,
    open_bundle,
    write_manifest,
)
from export.ncnn_artifacts import write_ncnn
from export.onnx_artifacts import write_onnx
from export.revision import git_revision
from export.staging import staged_folder
from export.tnn_artifacts import write_tnn
from export.to_onnx import DEFAULT_OPSET, to_onnx
from export.writing import Writing
from models.checkpoint import save_weights
from models.frames import Frame
from models.zoo import Config, Network, architecture_of

TOOLS = ("mobileinst-deploy", "torch", "onnx", "onnxruntime", "onnxscript", "onnxsim", "numpy")

FORMAT_TOOLS: dict[Format, tuple[str, ...]] = {"ncnn": ("pnnx", "ncnn")}

Progress = Callable[[str], None]

# In this order; what a writer makes is checked before it returns.
WRITERS: dict[Format, Callable[[Writing], dict[str, tuple[Artifact, ...]]]] = {
    "onnx": write_onnx,
    "ncnn": write_ncnn,
    "tnn": write_tnn,
}


@dataclass(frozen=True)
class Subject:
    """The network to export and where its weights come from."""

    name: str
    config: Config
    network: Network
    weights_source: str  # "seeded", or the checkpoint's file name
    weights_sha256: str | None  # of the checkpoint
    categories: tuple[CategorySpec, ...] = ()  # of the data that it was trained on


def write_bundle(
    subject: Subject,
    options: GraphOptions,
    frames: Sequence[Frame],
    target: Path,
    *,
    formats: Formats = ONNX_ALONE,
    opset: int = DEFAULT_OPSET,
    overwrite: bool = False,
    progress: Progress = lambda step: None,
) -> Bundle:
    """Exports, runs and compares every graph, then moves the bundle into place.

    Raises ConversionError, OutputExistsError, InputSizeError; leaves nothing behind then.
    """
    kind = architecture(subject.network)
    graphs = kind.graphs(subject.network, options)
    rule = kind.kernels(options, graphs)
    reference = make_reference(subject.network, options.preprocessing, rule)
    baked = options.source_size is not None
    with staged_folder(target, overwrite) as root:
        goldens = [*write_goldens(root, reference, graphs, baked, frames)]
        written = write_formats(root, graphs, opset, goldens, formats, progress)
        weights = root / "weights.safetensors"
        save_weights(subject.network, weights)
        manifest = Manifest(
            SCHEMA_VERSION,
            Model(
                subject.name,
                asdict(subject.config),
                Weights(file_ref(root, weights), subject.weights_source, subject.weights_sha256),
                subject.categories,
                architecture_of(subject.config),
            ),
            options.preprocessing,
            baked,
            rule,
            written,
            kind.state(graphs),
            tuple(golden.entry for golden in goldens),
            {tool: metadata.version(tool) for tool in tools(formats)},
            git_revision(),
        )
        write_manifest(root, manifest)
    return open_bundle(target)


def write_formats(
    root: Path,
    graphs: dict[str, Graph],
    opset: int,
    goldens: Sequence[GoldenFrame],
    formats: Formats,
    progress: Progress,
) -> dict[str, GraphSpec]:
    """Every graph in every format, each file run before the next is made."""
    models = {}
    for name, graph in graphs.items():
        progress(f"exporting {name}")
        models[name] = to_onnx(graph, opset)
    writing = Writing(root, graphs, models, goldens, formats, progress)
    written = [write(writing) for kind, write in WRITERS.items() if formats.has(kind)]
    keyframe = weights_of(next(iter(models.values())))
    return {
        name: GraphSpec(
            graph.description,
            graph.inputs,
            graph.outputs,
            tuple(artifact for artifacts in written for artifact in artifacts[name]),
            sum(weights_of(models[name]).values()),
            sum(size for key, size in weights_of(models[name]).items() if key in keyframe),
        )
        for name, graph in graphs.items()
    }


def weights_of(model: onnx.ModelProto) -> dict[str, int]:
    """sha256 -> bytes, of the float32 weights; what is there twice counts once."""
    arrays = (
        numpy_helper.to_array(weight)
        for weight in model.graph.initializer
        if weight.data_type == onnx.TensorProto.FLOAT
    )
    return {hashlib.sha256(array.tobytes()).hexdigest(): array.nbytes for array in arrays}


def tools(formats: Formats) -> tuple[str, ...]:
    return (*TOOLS, *(tool for kind in formats.targets for tool in FORMAT_TOOLS.get(kind, ())))

"""A graph's files in each format, loaded and run on arrays by our tensor names.

Tensors in between have our names too, wherever the file keeps them. Of the formats TNN alone needs
torch, for its interpreter.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import onnx
from numpy.typing import NDArray

from export.artifact_checks import ncnn_problems
from export.errors import ConversionError, first_line
from export.manifest import Artifact, Format, GraphSpec, TensorSpec
from export.ncnn_net import NcnnNet
from export.ncnn_param import parse_param
from export.onnx_tensors import onnx_session, run_onnx

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Node:
    """One operation of a file: what it takes and gives, by our names where the file has them."""

    operation: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


class LayerLike(Protocol):
    """A layer of ncnn or of TNN."""

    @property
    def type(self) -> str: ...
    @property
    def inputs(self) -> tuple[str, ...]: ...
    @property
    def outputs(self) -> tuple[str, ...]: ...


def our_names(theirs: Mapping[str, str]) -> dict[str, str]:
    return {name: ours for ours, name in theirs.items()}


def our_nodes(layers: Sequence[LayerLike], names: Mapping[str, str]) -> list[Node]:
    """With the blobs called as in the table; those that are not in it keep their names."""
    return [
        Node(
            layer.type,
            tuple(names.get(blob, blob) for blob in layer.inputs),
            tuple(names.get(blob, blob) for blob in layer.outputs),
        )
        for layer in layers
    ]


class ArtifactSession(Protocol):
    """A graph loaded from its files, on one thread."""

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        """Inputs and outputs by our names. Raises ConversionError where the runtime refuses."""
        ...

    def nodes(self) -> list[Node]:
        """The operations in order of execution."""
        ...

    def run_to(self, inputs: Mapping[str, NDArray[Any]], tensors: Sequence[str]) -> Arrays:
        """Runs the part of the graph that gives these tensors, by the names of `nodes`."""
        ...


class OnnxArtifact:
    def __init__(self, paths: Sequence[Path], spec: GraphSpec, artifact: Artifact) -> None:
        self.path = paths[0]
        self.session = onnx_session(str(self.path))
        self.theirs = artifact.names
        self.outputs = [output.name for output in spec.outputs]

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        values = run_onnx(self.session, {self.theirs[n]: array for n, array in inputs.items()})
        return {name: values[self.theirs[name]] for name in self.outputs}

    def nodes(self) -> list[Node]:
        return [
            Node(node.op_type, tuple(node.input), tuple(node.output))
            for node in onnx.load(self.path).graph.node
        ]

    def run_to(self, inputs: Mapping[str, NDArray[Any]], tensors: Sequence[str]) -> Arrays:
        model = onnx.load(self.path)
        given = [value.name for value in model.graph.input]
        prefix = onnx.utils.Extractor(model).extract_model(given, list(tensors))
        used = {value.name for value in prefix.graph.input}
        feed = {self.theirs[n]: array for n, array in inputs.items() if self.theirs[n] in used}
        return run_onnx(onnx_session(prefix.SerializeToString()), feed)


class NcnnArtifact:
    def __init__(self, paths: Sequence[Path], spec: GraphSpec, artifact: Artifact) -> None:
        for problem in ncnn_problems(paths, spec, artifact):  # ncnn would crash on another graph's
            raise ConversionError(problem)
        self.param = paths[0]
        self.net = NcnnNet(paths[0], paths[1], artifact.precision)
        self.theirs = artifact.names
        self.spec = spec

    def feed(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        """Without the batch axis, which ncnn does not have."""
        return {self.theirs[name]: array[0] for name, array in inputs.items()}

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        values = self.net.run(self.feed(inputs), [self.theirs[s.name] for s in self.spec.outputs])
        return {s.name: shaped(values[self.theirs[s.name]], s) for s in self.spec.outputs}

    def nodes(self) -> list[Node]:
        return ncnn_nodes(self.param, self.theirs)

    def run_to(self, inputs: Mapping[str, NDArray[Any]], tensors: Sequence[str]) -> Arrays:
        theirs = {name: self.theirs.get(name, name) for name in tensors}
        values = self.net.run(self.feed(inputs), [*theirs.values()])
        return {name: values[blob] for name, blob in theirs.items()}


def ncnn_nodes(param: Path, theirs: Mapping[str, str]) -> list[Node]:
    """Without the copies that Split layers make."""
    layers = parse_param(param.read_text())
    sources = {
        copy: layer.inputs[0] for layer in layers if layer.type == "Split" for copy in layer.outputs
    }
    names = our_names(theirs)
    names = {**{copy: names.get(blob, blob) for copy, blob in sources.items()}, **names}
    return our_nodes([x for x in layers if x.type not in ("Split", "Input")], names)


def shaped(blob: NDArray[Any], spec: TensorSpec) -> NDArray[Any]:
    """With the batch axis and whatever sides ncnn left out. Raises ConversionError."""
    try:
        return blob.reshape([-1 if isinstance(side, str) else side for side in spec.shape])
    except ValueError as error:
        raise ConversionError(
            f"ncnn gives {spec.name!r} of shape {blob.shape}, expected {spec.shape}"
        ) from error


class TnnArtifact:
    """A pair of files in our interpreter of TNN's format."""

    def __init__(self, paths: Sequence[Path], spec: GraphSpec, artifact: Artifact) -> None:
        from export.to_tnn.format import read_net
        from export.to_tnn.interpreter import Interpreter

        self.net = read_net(paths[0], paths[1])
        self.interpreter = Interpreter(self.net)
        self.theirs = artifact.names
        self.outputs = [output.name for output in spec.outputs]

    def feed(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        dtypes = {given.name: given.dtype for given in self.net.inputs}
        return {
            self.theirs[name]: array.astype(dtypes[self.theirs[name]], copy=False)
            for name, array in inputs.items()
        }

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        values = self.interpreter.run(self.feed(inputs))
        return {name: values[self.theirs[name]] for name in self.outputs}

    def nodes(self) -> list[Node]:
        return our_nodes(self.net.layers, our_names(self.theirs))

    def run_to(self, inputs: Mapping[str, NDArray[Any]], tensors: Sequence[str]) -> Arrays:
        theirs = {name: self.theirs.get(name, name) for name in tensors}
        values = self.interpreter.run(self.feed(inputs), [*theirs.values()])
        return {name: values[blob] for name, blob in theirs.items()}


Open = Callable[[Sequence[Path], GraphSpec, Artifact], ArtifactSession]
SESSIONS: dict[Format, Open] = {"onnx": OnnxArtifact, "ncnn": NcnnArtifact, "tnn": TnnArtifact}


def open_artifact(root: Path, spec: GraphSpec, artifact: Artifact) -> ArtifactSession:
    """Raises ConversionError or another ExportError where the files can't be loaded."""
    paths = [root / ref.file for ref in artifact.files]
    try:
        return SESSIONS[artifact.format](paths, spec, artifact)
    except OSError as error:
        raise ConversionError(f"can't read {paths[0]}: {first_line(error)}") from error

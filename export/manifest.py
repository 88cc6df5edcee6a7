"""The bundle's contract: what `manifest.json` says, how it is written, read and verified.

A bundle is a folder: manifest.json, the reference weights, the artifacts of every graph and golden
inputs and outputs. From export on, everything takes a bundle and never a network. Needs no torch.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from export.errors import BundleError
from models.preprocessing import Preprocessing

SCHEMA_VERSION = 2
MANIFEST_NAME = "manifest.json"

Format = Literal["onnx", "ncnn", "tnn"]
FILE_COUNTS: dict[Format, int] = {"onnx": 1, "ncnn": 2, "tnn": 2}
# fp16-storage: weights kept as float16, float32 arithmetic; fp16: float16 arithmetic too
Precision = Literal["fp32", "fp16-storage", "fp16", "int8"]
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
GraphName = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]*$")]
# A side of a shape; "n" and "9n" stand for lengths that are free at run time.
Side = Annotated[int, Meta(ge=1)] | Annotated[str, Meta(pattern="^([1-9][0-9]{0,3})?n$")]


@dataclass(frozen=True)
class FileRef:
    """A file of the bundle."""

    file: str  # relative to the bundle, with forward slashes
    sha256: Sha256
    size: int  # bytes


@dataclass(frozen=True)
class TensorSpec:
    """One input or output of a graph, by our name."""

    name: str
    shape: tuple[Side, ...]
    dtype: Literal["float32", "uint8"]
    description: str  # meaning, range and units


@dataclass(frozen=True)
class Artifact:
    """One graph in one file format and precision.

    Files: onnx: the model; ncnn: .param, .bin; tnn: .tnnproto, .tnnmodel. A file with weights may
    serve several graphs.
    """

    format: Format
    precision: Precision
    files: Annotated[tuple[FileRef, ...], Meta(min_length=1)]
    names: dict[str, str]  # our tensor name -> the name in the file
    settings: dict[str, str | int] = field(default_factory=dict)  # opset and the like


@dataclass(frozen=True)
class GraphSpec:
    description: str
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    artifacts: Annotated[tuple[Artifact, ...], Meta(min_length=1)]
    weight_bytes: int = 0  # of its float32 weights
    common_weight_bytes: int = 0  # of these, what the keyframe graph has too


AS_IT_IS = "as it is"  # the transform of a state edge that hands the tensor on unchanged


@dataclass(frozen=True)
class StateEdge:
    """An output of one graph that is an input of another: the state between frames."""

    source: str  # graph.output
    target: str  # graph.input
    lifetime: str  # how long the value stays valid
    reset: str  # when it has to be replaced
    transform: str  # what happens in between


@dataclass(frozen=True)
class KernelRule:
    """How many live kernels the reuse graphs take, and what fills the places that are left.

    Of another architecture: how many chosen instances the graph `masks` takes, and which.
    """

    # None: any number, the graphs are dynamic in n; or no graph takes kernels
    count: Annotated[int, Meta(ge=1, le=4096)] | None
    padding: str


@dataclass(frozen=True)
class Weights:
    """The reference network's state dict, which parity runs in PyTorch."""

    reference: FileRef
    source: str  # "seeded" or the given file's name
    source_sha256: str | None  # of the given file


@dataclass(frozen=True)
class CategorySpec:
    """A class, as the data set calls it that the network was trained on."""

    id: Annotated[int, Meta(ge=1, le=2**53)]  # in results; 0 is "no match" in COCO's evaluation
    name: Annotated[str, Meta(min_length=1)]


MOBILEINST = "mobileinst"  # the architecture whose kernels live on from frame to frame


@dataclass(frozen=True)
class Model:
    name: str
    config: dict[str, Any]  # the fields of its class in models.zoo.ARCHITECTURES
    weights: Weights
    categories: tuple[CategorySpec, ...] = ()  # in the order of the class logits; (): not known
    architecture: str = MOBILEINST  # a name of models.zoo.ARCHITECTURES


@dataclass(frozen=True)
class Golden:
    """A real frame with what the reference network makes of it, in one safetensors file."""

    reference: FileRef
    source: str  # the video or picture it comes from
    frame: int  # its index there


@dataclass(frozen=True)
class Manifest:
    schema_version: int
    model: Model
    preprocessing: Preprocessing
    preprocessing_baked: bool  # the image graphs take the uint8 picture itself
    kernels: KernelRule
    graphs: dict[GraphName, GraphSpec]
    state: tuple[StateEdge, ...]
    golden: Annotated[tuple[Golden, ...], Meta(min_length=1)]
    versions: dict[str, str]  # of the tools that made the bundle
    git_revision: str | None  # of the toolkit's checkout

    def files(self) -> Iterator[FileRef]:
        """Each once, though several artifacts may name it."""
        yield from dict.fromkeys(self.references())

    def references(self) -> Iterator[FileRef]:
        yield self.model.weights.reference
        for graph in self.graphs.values():
            for artifact in graph.artifacts:
                yield from artifact.files
        for golden in self.golden:
            yield golden.reference


@dataclass(frozen=True)
class Bundle:
    """A bundle on disk whose manifest has been read."""

    path: Path
    manifest: Manifest

    def locate(self, ref: FileRef) -> Path:
        return self.path / ref.file

    def graph(self, name: str) -> GraphSpec:
        """Raises BundleError, which lists the graphs, where there is none of that name."""
        if name not in self.manifest.graphs:
            raise BundleError(
                f"{self.path}: no graph {name!r}; the bundle has {', '.join(self.manifest.graphs)}"
            )
        return self.manifest.graphs[name]

    def artifact(self, graph: str, kind: Format, precision: Precision = "fp32") -> Artifact:
        """Raises BundleError, which lists what there is, where the graph has no such files."""
        artifacts = self.graph(graph).artifacts
        for artifact in artifacts:
            if (artifact.format, artifact.precision) == (kind, precision):
                return artifact
        there = ", ".join(f"{a.format} {a.precision}" for a in artifacts)
        raise BundleError(
            f"{self.path}: graph {graph!r} is not there as {kind} {precision}; it is as {there}; "
            "export it with --targets and --precisions"
        )


def digest(path: Path) -> str:
    """The file's sha256 in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def file_ref(root: Path, path: Path) -> FileRef:
    return FileRef(path.relative_to(root).as_posix(), digest(path), path.stat().st_size)


def write_manifest(root: Path, manifest: Manifest) -> None:
    encoded = msgspec.json.encode(manifest)
    (root / MANIFEST_NAME).write_bytes(msgspec.json.format(encoded, indent=2) + b"\n")


def read_bundle(path: Path) -> Bundle:
    """Reads the manifest and checks its form, not yet the files: see `find_problems`.

    Raises BundleError where there is none, or it is of another schema, or names a file outside.
    """
    manifest_path = path / MANIFEST_NAME
    try:
        encoded = manifest_path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise BundleError(
            f"{path} is not a bundle: can't read {MANIFEST_NAME} ({reason}); "
            "make one with 'mobileinst export'"
        ) from error
    check_schema_version(manifest_path, encoded)
    try:
        manifest = msgspec.json.decode(encoded, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BundleError(f"{manifest_path} does not follow the schema: {error}") from error
    check_preprocessing(manifest_path, manifest.preprocessing)
    check_images(manifest_path, manifest)
    check_artifacts(manifest_path, manifest)
    check_categories(manifest_path, manifest)
    for ref in manifest.files():
        check_inside(path, ref.file)
    return Bundle(path, manifest)


def check_schema_version(manifest_path: Path, encoded: bytes) -> None:
    try:
        plain = msgspec.json.decode(encoded)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BundleError(f"{manifest_path} is not JSON: {error}") from error
    version = plain.get("schema_version") if isinstance(plain, dict) else None
    if version != SCHEMA_VERSION or isinstance(version, bool):
        raise BundleError(
            f"{manifest_path} has schema version {version!r}, expected {SCHEMA_VERSION}; "
            "export again with this version of the tool"
        )


def check_preprocessing(manifest_path: Path, preprocessing: Preprocessing) -> None:
    """Raises BundleError for a size or a standard deviation that can't be."""
    if min(preprocessing.height, preprocessing.width, *preprocessing.std) <= 0:
        raise BundleError(
            f"{manifest_path}: preprocessing needs a height, a width and a std above 0, got "
            f"{preprocessing.height}x{preprocessing.width} and {preprocessing.std}"
        )


def check_images(manifest_path: Path, manifest: Manifest) -> None:
    """Raises BundleError where a graph takes another image than the preprocessing makes."""
    if manifest.preprocessing_baked:
        return
    made = (1, 3, manifest.preprocessing.height, manifest.preprocessing.width)
    for name, graph in manifest.graphs.items():
        for spec in graph.inputs:
            if spec.name == "image" and spec.shape != made:
                raise BundleError(
                    f"{manifest_path}: graph {name!r} takes an image {list(spec.shape)}, "
                    f"but the preprocessing makes {list(made)}"
                )


def check_artifacts(manifest_path: Path, manifest: Manifest) -> None:
    """Raises BundleError for a file too few, or one that does not say what a tensor is called."""
    for name, graph in manifest.graphs.items():
        for artifact in graph.artifacts:
            if len(artifact.files) != FILE_COUNTS[artifact.format]:
                raise BundleError(
                    f"{manifest_path}: graph {name!r} as {artifact.format} needs "
                    f"{FILE_COUNTS[artifact.format]} files, got {len(artifact.files)}"
                )
            for spec in (*graph.inputs, *graph.outputs):
                if spec.name not in artifact.names:
                    raise BundleError(
                        f"{manifest_path}: {artifact.files[0].file} has no name for {spec.name!r}"
                    )


def check_categories(manifest_path: Path, manifest: Manifest) -> None:
    """Raises BundleError for categories that are not one a class, each with an id of its own."""
    categories = manifest.model.categories
    if not categories:
        return
    outputs = (s for graph in manifest.graphs.values() for s in graph.outputs)
    classes = {spec.shape[-1] for spec in outputs if spec.name == "class_logits"}
    if classes != {len(categories)} or len({c.id for c in categories}) < len(categories):
        raise BundleError(
            f"{manifest_path}: expected a category with an id of its own for each class, got "
            f"{len(categories)} categories"
        )


def check_inside(root: Path, file: str) -> None:
    """Raises BundleError where a file's name could lead out of the bundle."""
    pure = Path(file)
    odd = not file or not file.isprintable() or "\\" in file
    if odd or pure.is_absolute() or ".." in pure.parts:
        raise BundleError(f"{root / MANIFEST_NAME} names a file outside the bundle: {file!r}")
    try:
        inside = (root / pure).resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError) as error:  # too long a name; a link to itself
        raise BundleError(f"{root / MANIFEST_NAME} names a file that can't be: {error}") from error
    if not inside:
        raise BundleError(f"{root / pure} is a link that leads out of the bundle")


def find_problems(bundle: Bundle) -> list[str]:
    """One line a file that is missing, of another size or of another hash."""
    return [line for ref in bundle.manifest.files() if (line := file_problem(bundle, ref))]


def file_problem(bundle: Bundle, ref: FileRef) -> str | None:
    path = bundle.locate(ref)
    try:
        if not path.is_file():
            return f"{path} is missing"
        size, sha256 = path.stat().st_size, digest(path)
    except OSError as error:
        return f"{path} can't be read: {error.strerror or error}"
    if size != ref.size:
        return f"{path} was changed or cut off: expected {ref.size} bytes, got {size}"
    if sha256 != ref.sha256:
        return f"{path} was changed: expected sha256 {ref.sha256[:12]}…, got {sha256[:12]}…"
    return None


def open_bundle(path: Path) -> Bundle:
    """Reads and verifies. Raises BundleError, naming the first file that is not as it should be."""
    bundle = read_bundle(path)
    if problems := find_problems(bundle):
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise BundleError(f"{problems[0]}{more}; export the bundle again")
    return bundle

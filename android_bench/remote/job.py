"""What a runner is given: the graphs of a bundle with files and inputs, perhaps a clip to track."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from android_bench.errors import BenchError


@dataclass(frozen=True)
class FileRef:
    """A file by its content. Two with the same content are the same, wherever they lie."""

    sha256: str
    size: int  # bytes
    source: Path | bytes = field(compare=False, repr=False)


@dataclass(frozen=True)
class JobInput:
    name: str
    blob: str  # the name in the file
    shape: tuple[int, ...]  # without the batch axis
    file: FileRef  # raw little-endian float32 in C order


@dataclass(frozen=True)
class JobOutput:
    name: str
    blob: str
    shape: tuple[int, ...] = ()  # without the batch axis; (): not said, which tracking needs


@dataclass(frozen=True)
class JobGraph:
    """One graph to load. The same one may come twice, under two keys."""

    key: str
    graph: str
    precision: str
    param: FileRef
    weights: FileRef
    inputs: tuple[JobInput, ...]
    outputs: tuple[JobOutput, ...]


@dataclass(frozen=True)
class JobSchedule:
    """The keys that a key frame runs, in order, and the one that every other frame runs."""

    key: tuple[str, ...]
    reuse: str


@dataclass(frozen=True)
class JobState:
    """A graph's output that becomes another graph's input between frames; graphs by their keys."""

    source: str
    output: str
    target: str
    input: str
    live: bool  # of the output's rows, those of live kernels, and zeros behind them


@dataclass(frozen=True)
class JobPreprocessing:
    """From a picture to the input "image"; see models/preprocessing.py."""

    height: int
    width: int
    resize: str  # letterbox or stretch
    mean: tuple[float, ...]  # of red, green and blue, in 0..255
    std: tuple[float, ...]


@dataclass(frozen=True)
class JobTracking:
    """A clip, and how it is tracked. The first graph of a key frame takes the image alone."""

    preprocessing: JobPreprocessing
    state: tuple[JobState, ...]
    settings: Mapping[str, float]  # by the names of mobileinst_deploy/tracking/settings.py
    height: int = 0  # of every picture
    width: int = 0
    pictures: tuple[FileRef, ...] = ()  # uint8 RGB, [height, width, 3], in the order of the frames


@dataclass(frozen=True)
class Job:
    bundle: str  # its name
    manifest_sha256: str
    graphs: tuple[JobGraph, ...]  # in the order in which they are loaded
    schedule: JobSchedule | None = None
    tracking: JobTracking | None = None

    @property
    def files(self) -> tuple[FileRef, ...]:
        """Each once, though several graphs or frames may share it."""
        pictures = self.tracking.pictures if self.tracking else ()
        return tuple(dict.fromkeys((*job_files(self.graphs), *pictures)))


def job_files(graphs: Iterable[JobGraph]) -> Iterator[FileRef]:
    for graph in graphs:
        yield from (graph.param, graph.weights)
        yield from (given.file for given in graph.inputs)


def file_ref(source: Path | bytes) -> FileRef:
    """Raises BenchError where the file can't be read."""
    if isinstance(source, bytes):
        return FileRef(hashlib.sha256(source).hexdigest(), len(source), source)
    try:
        with source.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            return FileRef(sha256, file.tell(), source)
    except OSError as error:
        raise BenchError(f"can't read {source}: {error.strerror or error}") from error

"""What a runner is given: the graphs of a bundle with their files and inputs, as one text.

The text is the job file of android_bench/runner: records of fields that tabs separate.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from android_bench.errors import BenchError

FORMAT_VERSION = "1"
KEY = re.compile(r"[A-Za-z0-9_./:-]+")  # what a graph is called in the runner's events
PRECISIONS = ("fp32", "fp16-storage", "fp16")
SEPARATORS = {"\t": "a tab", "\n": "a line break", "\r": "a carriage return", "\0": "a zero byte"}

Record = tuple[tuple[str, str], ...]  # of a field's name, for messages, and its value


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
class Job:
    bundle: str  # its name
    manifest_sha256: str
    graphs: tuple[JobGraph, ...]  # in the order in which they are loaded
    schedule: JobSchedule | None = None

    @property
    def files(self) -> tuple[FileRef, ...]:
        """Each once, though several graphs may share it."""
        return tuple(dict.fromkeys(job_files(self.graphs)))


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


def encode(job: Job, locate: Callable[[FileRef], str]) -> str:
    """The job file; `locate` says where a file lies, from the job file's folder.

    Raises BenchError, which names the field, for what the format can't hold.
    """
    check_keys(job)
    return "".join(f"{line(record)}\n" for record in records(job, locate))


def records(job: Job, locate: Callable[[FileRef], str]) -> Iterator[Record]:
    yield (("record", "mobileinst-job"), ("version", FORMAT_VERSION))
    yield (
        ("record", "bundle"),
        ("name of the bundle", job.bundle),
        ("sha256 of the manifest", job.manifest_sha256),
    )
    for ref in job.files:
        path = ("path of a file", locate(ref))
        yield (("record", "file"), ("sha256", ref.sha256), ("size", str(ref.size)), path)
    for graph in job.graphs:
        yield from graph_records(graph, locate)
    if job.schedule:
        keys = (("key", key) for key in job.schedule.key)
        yield (("record", "schedule"), ("role", "key"), *keys)
        yield (("record", "schedule"), ("role", "reuse"), ("key", job.schedule.reuse))


def graph_records(graph: JobGraph, locate: Callable[[FileRef], str]) -> Iterator[Record]:
    key = ("key of a graph", graph.key)
    yield (
        ("record", "graph"),
        key,
        ("name of a graph", graph.graph),
        ("precision", graph.precision),
        ("path of a param file", locate(graph.param)),
        ("path of a bin file", locate(graph.weights)),
    )
    for given in graph.inputs:
        yield (
            ("record", "input"),
            key,
            ("blob of an input", given.blob),
            ("name of an input", given.name),
            ("shape of an input", ",".join(map(str, given.shape))),
            ("path of an input's file", locate(given.file)),
        )
    for wanted in graph.outputs:
        blob = ("blob of an output", wanted.blob)
        yield (("record", "output"), key, blob, ("name of an output", wanted.name))


def line(record: Record) -> str:
    return "\t".join(checked(name, value) for name, value in record)


def checked(name: str, value: str) -> str:
    """Raises BenchError where the value would break the text, or is none."""
    if not value:
        raise BenchError(f"the {name} is empty, so no job can be written; export the bundle again")
    for separator, word in SEPARATORS.items():
        if separator in value:
            raise BenchError(f"the {name} holds {word}, {value!r}; give it another name")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise BenchError(f"the {name} is not UTF-8, {value!a}; give it another name") from error
    return value


def check_keys(job: Job) -> None:
    """Raises BenchError for a key that the runner would refuse."""
    keys = [graph.key for graph in job.graphs]
    if not keys:
        raise BenchError("the job has no graph, so there is nothing to run; name at least one")
    for graph in job.graphs:
        if not KEY.fullmatch(graph.key):
            raise BenchError(
                f"the key of a graph may hold {KEY.pattern} only, got {graph.key!a}; rename it"
            )
        if keys.count(graph.key) > 1:
            raise BenchError(f"the key {graph.key!r} is there twice; name each graph once")
        if graph.precision not in PRECISIONS:
            raise BenchError(
                f"graph {graph.key!r} is asked for as {graph.precision!r}; the runner has "
                f"{', '.join(PRECISIONS)}"
            )
    scheduled = (*job.schedule.key, job.schedule.reuse) if job.schedule else ()
    if unknown := [key for key in scheduled if key not in keys]:
        raise BenchError(
            f"the schedule names {unknown[0]!r}, which is no graph of the job: {', '.join(keys)}"
        )

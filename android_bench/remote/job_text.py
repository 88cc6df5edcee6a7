"""A job as one text: the job file of android_bench/runner, records of fields that tabs separate."""

import re
from collections.abc import Callable, Iterator, Sequence

from android_bench.errors import BenchError
from android_bench.remote.job import FileRef, Job, JobGraph, JobTracking

FORMAT_VERSION = "1"
KEY = re.compile(r"[A-Za-z0-9_./:-]+")  # what a graph is called in the runner's events
PRECISIONS = ("fp32", "fp16-storage", "fp16")
SEPARATORS = {"\t": "a tab", "\n": "a line break", "\r": "a carriage return", "\0": "a zero byte"}

Record = tuple[tuple[str, str], ...]  # of a field's name, for messages, and its value


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
    if job.tracking:
        yield from tracking_records(job.tracking, locate)


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
            ("shape of an input", sides(given.shape)),
            ("path of an input's file", locate(given.file)),
        )
    for wanted in graph.outputs:
        shape = (("shape of an output", sides(wanted.shape)),) if wanted.shape else ()
        yield (
            ("record", "output"),
            key,
            ("blob of an output", wanted.blob),
            ("name of an output", wanted.name),
            *shape,
        )


def tracking_records(tracking: JobTracking, locate: Callable[[FileRef], str]) -> Iterator[Record]:
    preprocessing = tracking.preprocessing
    yield (
        ("record", "preprocessing"),
        ("size of the image", sides((preprocessing.height, preprocessing.width))),
        ("rule of resizing", preprocessing.resize),
        ("mean of the pixels", ",".join(map(str, preprocessing.mean))),
        ("standard deviation of the pixels", ",".join(map(str, preprocessing.std))),
    )
    for edge in tracking.state:
        yield (
            ("record", "state"),
            ("key of a source", edge.source),
            ("name of an output", edge.output),
            ("key of a target", edge.target),
            ("name of an input", edge.input),
            ("transform", "live" if edge.live else "whole"),
        )
    for name, value in tracking.settings.items():
        yield (("record", "tracking"), ("name of a setting", name), ("setting", str(value)))
    size = ("size of a picture", sides((tracking.height, tracking.width)))
    yield (("record", "clip"), size)
    for picture in tracking.pictures:
        yield (("record", "picture"), ("path of a picture", locate(picture)))


def sides(shape: Sequence[int]) -> str:
    return ",".join(map(str, shape))


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

"""A bundle's graphs as a job on disk, and what ncnn's own wheel makes of them."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from android_bench.remote.job import FileRef, Job, JobGraph, JobSchedule
from android_bench.remote.job_text import encode
from export.manifest import Bundle, Precision
from export.ncnn_net import Arrays, NcnnNet
from mobileinst_deploy.bench.jobs import make_job
from tests.android_bench.runner.program import Command, Ended, succeeded

# What an emulator runs, at a hundredth of a CPU's speed: each graph and each precision once.
EMULATED = (
    *("fp32/keyframe", "fp32/reuse_folded", "fp32/fold"),
    *("fp16-storage/fold", "fp16-storage/reuse_plain", "fp16/keyframe", "fp16/fold"),
)
EMULATED_OLD = ("fp32/reuse_folded", "fp16-storage/fold", "fp16/reuse_folded", "fp16/fold")
PRECISIONS: tuple[Precision, ...] = ("fp32", "fp16-storage")
SCHEDULE = JobSchedule(("fp32/keyframe", "fp32/fold"), "fp32/reuse_folded")


@dataclass(frozen=True)
class BundledJob:
    path: Path
    job: Job


def bundled_job(bundle: Bundle, folder: Path) -> BundledJob:
    """Every graph in both precisions, and the exact files once more with float16 arithmetic."""
    wanted = [(f"{p}/{graph}", graph, p) for p in PRECISIONS for graph in bundle.manifest.graphs]
    job = make_job(bundle, wanted, schedule=SCHEDULE)
    halves = tuple(
        replace(graph, key=f"fp16/{graph.graph}", precision="fp16")
        for graph in job.graphs
        if graph.precision == "fp32"
    )
    return write_job(replace(job, graphs=job.graphs + halves), folder)


def part_of(bundled: BundledJob, keys: tuple[str, ...], folder: Path) -> Path:
    """A job of its own with these graphs alone."""
    graphs = tuple(graph for graph in bundled.job.graphs if graph.key in keys)
    return write_job(replace(bundled.job, graphs=graphs, schedule=None), folder).path


def write_job(job: Job, folder: Path) -> BundledJob:
    for part in ("files", "run"):
        (folder / part).mkdir()
    for ref in job.files:
        (folder / "files" / ref.sha256).write_bytes(content(ref))
    path = folder / "run" / "job.txt"
    path.write_text(encode(job, lambda ref: f"../files/{ref.sha256}"))
    return BundledJob(path, job)


def content(ref: FileRef) -> bytes:
    return ref.source if isinstance(ref.source, bytes) else ref.source.read_bytes()


def wheel_outputs(graph: JobGraph) -> Arrays:
    """By our names; float16 arithmetic is the wheel's float32 on a CPU that lacks it."""
    assert isinstance(graph.param.source, Path)
    assert isinstance(graph.weights.source, Path)
    net = NcnnNet(graph.param.source, graph.weights.source)
    inputs = {
        given.blob: np.frombuffer(content(given.file), "<f4").reshape(given.shape)
        for given in graph.inputs
    }
    found = net.run(inputs, [output.blob for output in graph.outputs])
    return {output.name: found[output.blob] for output in graph.outputs}


def dumped_outputs(command: Command, job: Path, folder: Path) -> dict[str, Arrays]:
    """By key and name, as `dump` writes them."""
    return read_outputs(succeeded(command, "dump", job, "--output-dir", folder))


def read_outputs(ended: Ended) -> dict[str, Arrays]:
    outputs: dict[str, Arrays] = {}
    for event in ended.of("output"):
        values = np.fromfile(event["file"], "<f4").reshape(event["shape"])
        outputs.setdefault(event["key"], {})[event["name"]] = values
    return outputs

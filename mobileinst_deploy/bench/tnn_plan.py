"""What TNNTest is to run of a bundle: which files, which inputs, and in which order."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from android_bench.measurement.results import KEYFRAME
from android_bench.remote.job import FileRef, file_ref
from android_bench.tnn.blocks import BLOCK, FIRST, Block, Planned
from android_bench.tnn.program import TnnProgram
from export.errors import BundleError
from export.golden_io import Arrays, golden_inputs
from export.manifest import Bundle, Precision
from mobileinst_deploy.bench.plan import CONTROL, BenchSettings, choose_graphs


@dataclass(frozen=True)
class TnnMode:
    """TNN in one precision, as --runtime names it."""

    name: str
    stored: Precision  # of the files
    flag: str  # TNNTest's -pr
    precision: Precision  # that it computes in


MODES = {
    mode.name: mode
    for mode in (
        TnnMode("tnn", "fp32", "HIGH", "fp32"),
        TnnMode("tnn:fp16-storage", "fp16-storage", "HIGH", "fp16-storage"),
        TnnMode("tnn:fp16", "fp16-storage", "NORMAL", "fp16"),
        TnnMode("tnn:auto", "fp16-storage", "AUTO", "fp16"),  # as TNN's own script measures
    )
}


@dataclass(frozen=True)
class TnnSettings:
    program: TnnProgram
    modes: tuple[TnnMode, ...]
    runs: int = 8  # of which a sample is the mean
    warmup_runs: int = 3  # of the same process, before these


@dataclass(frozen=True)
class TnnJob:
    """One graph in one precision; `name` is its in the result."""

    name: str
    mode: TnnMode
    graph: str

    @property
    def stem(self) -> str:
        """Of the files on the device: TNNTest finds the model by the proto's name."""
        return f"{self.graph}.{self.mode.stored}"

    @property
    def proto(self) -> str:
        return f"{self.stem}.tnnproto"

    @property
    def inputs(self) -> str:
        return f"{self.graph}.txt"

    def planned(self, kind: str, warmup: int, runs: int) -> Planned:
        return Planned(kind, self.proto, self.inputs, self.mode.flag, warmup, runs)


def tnn_jobs(bundle: Bundle, modes: Sequence[TnnMode], asked: Sequence[str]) -> list[TnnJob]:
    """The control first, then every graph in every mode, named as for other runtimes."""
    names = choose_graphs(bundle, asked)
    graphs = [
        TnnJob(name if mode is modes[0] else f"{mode.name}/{name}", mode, name)
        for mode in modes
        for name in names
    ]
    return [TnnJob(CONTROL, modes[0], KEYFRAME), *graphs]


def tnn_files(bundle: Bundle, jobs: Sequence[TnnJob], golden: int) -> dict[str, FileRef]:
    """By name on the device. Raises BundleError where the bundle lacks files or inputs."""
    files: dict[str, FileRef] = {}
    for job in jobs:
        artifact = bundle.artifact(job.graph, "tnn", job.mode.stored)
        for suffix, ref in zip((".tnnproto", ".tnnmodel"), artifact.files, strict=True):
            files[job.stem + suffix] = FileRef(ref.sha256, ref.size, bundle.locate(ref))
    for graph in dict.fromkeys(job.graph for job in jobs):
        files[f"{graph}.txt"] = file_ref(input_text(bundle, graph, golden))
    return files


def input_text(bundle: Bundle, graph: str, golden: int) -> bytes:
    """The largest input's values: of several, TNNTest reads each from the file's start.

    Raises BundleError where they would slow down arithmetic: NaN, infinities, denormals.
    """
    arrays = golden_inputs(bundle, graph, golden)
    name = largest(arrays)
    values = np.asarray(arrays[name], np.float32).ravel()
    if not ordinary(values):
        raise BundleError(
            f"golden frame {golden} of {bundle.path} has NaN, infinities or denormals in "
            f"{name!r} of graph {graph!r}; export the bundle again"
        )
    return "".join(f"{value:.9g}\n" for value in values.tolist()).encode()


def largest(arrays: Arrays) -> str:
    return max(arrays, key=lambda name: arrays[name].size)


def ordinary(values: NDArray[np.float32]) -> bool:
    small = np.abs(values) < np.finfo(np.float32).tiny
    return bool(np.isfinite(values).all() and not values[small].any())


def output_lines(bundle: Bundle, graph: str) -> int:
    """That TNNTest's -op writes: their number, a line of each one's shape, and the values."""
    shapes = [spec.shape for spec in bundle.graph(graph).outputs]
    return 1 + len(shapes) + sum(prod(map(int, shape)) for shape in shapes)


def turns(jobs: Sequence[TnnJob], settings: BenchSettings) -> list[TnnJob]:
    """Every job once a round, in an order that is shuffled anew."""
    generator = np.random.default_rng(settings.seed)
    orders = (
        generator.permutation(len(jobs)) for _ in range(settings.warmup + settings.iterations)
    )
    return [jobs[index] for order in orders for index in order]


@dataclass(frozen=True)
class TnnWork:
    """All that is to be run on one phone."""

    bundle: Bundle
    tnn: TnnSettings
    rounds: BenchSettings
    core: int
    jobs: list[TnnJob]  # with the control first
    turns: list[TnnJob]
    files: dict[str, FileRef]  # by name on the device: what the result names

    def planned(self) -> list[Planned]:
        """Each job once from a cold start, and then the blocks."""
        tnn = self.tnn
        first = [job.planned(FIRST, 0, 1) for job in self.jobs]
        return [*first, *(job.planned(BLOCK, tnn.warmup_runs, tnn.runs) for job in self.turns)]

    def sorted_out(
        self, blocks: Sequence[Block]
    ) -> tuple[dict[str, Block], dict[str, list[Block]]]:
        """By the jobs' names: the cold one, and those that count in the order of the rounds."""
        first = {job.name: block for job, block in zip(self.jobs, blocks, strict=False)}
        counted: dict[str, list[Block]] = {job.name: [] for job in self.jobs}
        for job, block in zip(self.turns, blocks[len(self.jobs) :], strict=True):
            counted[job.name].append(block)
        return first, {name: own[self.rounds.warmup :] for name, own in counted.items()}

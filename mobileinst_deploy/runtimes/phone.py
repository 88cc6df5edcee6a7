"""ncnn on a phone: a bundle's files in the native runner, in one session for all of them.

The files are pushed once. A run of the runner loads the graphs that it is asked for, computes each
of them once, and leaves the outputs to be fetched.
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from android_bench.building import Runner
from android_bench.errors import BenchError
from android_bench.remote.job import Job, JobGraph, JobOutput, file_ref
from android_bench.remote.run_log import Output, RunLog, Start
from android_bench.remote.session import Session
from android_bench.remote.store import Progress, no_progress
from export.artifact_sessions import Node, ncnn_nodes, shaped
from export.manifest import Bundle, GraphSpec, Precision
from mobileinst_deploy.bench.jobs import make_job
from mobileinst_deploy.runtimes.artifacts import GuardedSession
from mobileinst_deploy.runtimes.base import Arrays, Runtime
from mobileinst_deploy.runtimes.native import PACKAGE, SUFFIXES, fed

OUTPUTS = "outputs"  # a folder of the run

Names = Mapping[str, str]  # of tensors: ours -> ncnn's


class PhoneNets:
    """The graphs of a job on a phone. What is asked for ahead is computed in one run."""

    def __init__(self, session: Session, runner: Runner, job: Job, core: int) -> None:
        self.session = session
        self.runner = runner
        self.job = job
        self.core = core
        self.known: dict[JobGraph, Arrays] = {}

    @property
    def serial(self) -> str:
        return self.session.facts.serial

    def meet(self, progress: Progress = no_progress) -> Start:
        """Pushes all files and runs the smallest graph: what the phone says about itself.

        Raises DeviceError where the phone is unfit, BenchError where the runner fails.
        """
        smallest = min(self.job.graphs, key=lambda graph: graph.weights.size)
        return self.dump([smallest], progress).start

    def ahead(self, inputs: Mapping[str, Arrays]) -> None:
        """Computes every graph of the job on these inputs, which are by graph. Raises BenchError"""
        self.known = self.compute([self.fed(graph, inputs[graph.graph]) for graph in self.graphs])

    def run(self, graph: JobGraph) -> Arrays:
        """Its outputs as ncnn has them, without the batch axis. Raises BenchError."""
        return self.known.get(graph) or self.compute([graph])[graph]

    @property
    def graphs(self) -> tuple[JobGraph, ...]:
        return self.job.graphs

    def fed(self, graph: JobGraph, inputs: Mapping[str, NDArray[Any]]) -> JobGraph:
        """The graph with these inputs in the place of the job's."""
        return fed(replace(self.job, graphs=(graph,)), inputs).graphs[0]

    def compute(self, graphs: Sequence[JobGraph]) -> dict[JobGraph, Arrays]:
        log = self.dump(graphs)
        events = {(event.key, event.name): event for event in log.of(Output)}
        return {
            graph: {
                output.name: self.fetch(events.get((graph.key, output.name)), graph, output)
                for output in graph.outputs
            }
            for graph in graphs
        }

    def dump(self, graphs: Sequence[JobGraph], progress: Progress = no_progress) -> RunLog:
        weights = [file for graph in self.graphs for file in (graph.param, graph.weights)]
        return self.session.run(
            replace(self.job, graphs=tuple(graphs)),
            self.runner.path,
            "dump",
            ("--output-dir", OUTPUTS, "--core", str(self.core)),
            keep=weights,
            progress=progress,
        )

    def fetch(
        self, event: Output | None, graph: JobGraph, output: JobOutput
    ) -> NDArray[np.float32]:
        """Raises BenchError where the file is not what the runner says that it wrote."""
        if event is None:
            raise BenchError(
                f"the runner on {self.serial} gave no {output.name!r} of graph {graph.key!r}; "
                "build it again with 'mobileinst runner build'"
            )
        with tempfile.TemporaryDirectory(prefix="mobileinst-outputs-") as folder:
            path = Path(folder, "output.bin")
            self.session.pull(event.file, path)
            content = path.read_bytes()
        values = np.frombuffer(content[: len(content) // 4 * 4], "<f4")
        said = Content(event.sha256, prod(event.shape), event.nan, event.inf)
        came = Content(
            file_ref(content).sha256,
            values.size,
            int(np.isnan(values).sum()),
            int(np.isinf(values).sum()),
        )
        if came != said:
            raise BenchError(
                f"{output.name!r} of graph {graph.key!r} came from {self.serial} as {came}, but "
                f"the runner wrote {said}; run it again"
            )
        return values.reshape(event.shape)


class Content(NamedTuple):
    """Of an output's file."""

    sha256: str
    values: int
    nan: int
    inf: int


class PhoneNet:
    """One graph in one precision, as an artifact's session."""

    def __init__(self, nets: PhoneNets, graph: JobGraph, spec: GraphSpec, theirs: Names) -> None:
        self.nets = nets
        self.graph = graph
        self.spec = spec
        self.theirs = theirs

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        values = self.nets.run(self.nets.fed(self.graph, inputs))
        return {spec.name: shaped(values[spec.name], spec) for spec in self.spec.outputs}

    def nodes(self) -> list[Node]:
        assert isinstance(self.graph.param.source, Path)
        return ncnn_nodes(self.graph.param.source, self.theirs)

    def run_to(self, inputs: Mapping[str, NDArray[Any]], tensors: Sequence[str]) -> Arrays:
        outputs = tuple(JobOutput(name, self.theirs.get(name, name)) for name in tensors)
        return self.nets.run(replace(self.nets.fed(self.graph, inputs), outputs=outputs))


def phone_job(bundle: Bundle, precisions: Sequence[Precision]) -> Job:
    """Every graph in every precision, with the files' own hashes, whatever the manifest says.

    Raises BundleError where the bundle lacks files.
    """
    job = make_job(
        bundle,
        [(f"{precision}/{graph}", graph, precision)
         for precision in precisions for graph in bundle.manifest.graphs],
    )  # fmt: skip
    graphs = (
        replace(graph, param=file_ref(graph.param.source), weights=file_ref(graph.weights.source))
        for graph in job.graphs
    )
    return replace(job, graphs=tuple(graphs))


def phone_runtime(nets: PhoneNets, precision: Precision) -> Runtime:
    """Of one precision, called ncnn:fp16@SERIAL."""
    name = runtime_name(nets.serial, precision)

    def load(bundle: Bundle, graph: str) -> GuardedSession:
        artifact = bundle.artifact(graph, "ncnn", precision)
        (found,) = (g for g in nets.graphs if (g.graph, g.precision) == (graph, precision))
        net = PhoneNet(nets, found, bundle.graph(graph), artifact.names)
        return GuardedSession(f"{name} on graph {graph!r}", net)

    return Runtime(
        name,
        PACKAGE,
        load,
        "ncnn",
        precision,
        measurable=False,
        stated_version=lambda: nets.runner.ncnn_version,
    )


def runtime_name(serial: str, precision: Precision) -> str:
    return f"ncnn{SUFFIXES[precision]}@{serial}"

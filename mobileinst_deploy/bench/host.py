"""Measure a bundle's graphs on one core of this machine, in interleaved rounds."""

import gc
import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter_ns

import numpy as np

from android_bench.conditions import (
    CoreState,
    cpu_model,
    current_core,
    load_average,
    peak_rss_mib,
    pinned,
    read_core_state,
)
from android_bench.errors import BenchError
from android_bench.results import (
    KEYFRAME,
    BenchResult,
    Conditions,
    GraphSamples,
    Measurement,
)
from android_bench.summary import summarise
from export.golden_io import Arrays, find_golden, golden_inputs
from export.manifest import MANIFEST_NAME, Bundle, digest
from mobileinst_deploy.runtimes.base import Runtime, Session

Progress = Callable[[int, int], None]  # rounds done, rounds in all
RuntimeSettings = dict[str, str | int]


@dataclass(frozen=True)
class BenchSettings:
    core: int | None = None  # None: the last that is allowed
    warmup: int = 10  # rounds that are not counted
    iterations: int = 50  # rounds that are
    graphs: tuple[str, ...] = ()  # none: all of the bundle
    golden: int = 0  # the golden frame whose tensors are the inputs
    seed: int = 0  # of the order within the rounds


@dataclass(frozen=True)
class Job:
    """One graph in one runtime."""

    name: str  # in the result
    runtime: Runtime
    graph: str


@dataclass(frozen=True)
class LoadedGraph:
    runtime: Runtime
    session: Session
    inputs: Arrays
    load_ms: float
    first_ms: float


@dataclass(frozen=True)
class Sample:
    elapsed_ms: float
    core: int  # where the thread was when the run was over


@dataclass(frozen=True)
class HostState:
    core: int
    load_average: tuple[float, float, float] | None  # before
    before: CoreState
    after: CoreState


def bench_host(
    bundle: Bundle, runtimes: Sequence[Runtime], settings: BenchSettings, progress: Progress
) -> BenchResult:
    """Runs every graph once a round, and the keyframe graph once more from a second session.

    The first runtime's graphs have their own names in the result, and ratios are to its keyframe
    graph; those of the others come behind the runtime's name, as "ncnn/keyframe".

    Raises DeviceError where the core can't be had, BundleError where a graph or its golden inputs
    are missing, RunError where a runtime fails, BenchError where a sample ran on another core.
    """
    jobs = plan(bundle, runtimes, settings.graphs)
    control_job = Job(KEYFRAME, runtimes[0], KEYFRAME)
    load = load_average()
    with pinned(settings.core) as core:
        before = read_core_state(core)
        # The control is loaded first: what is, was seen to lie worse in memory, by 4 %.
        control, *graphs = measure(bundle, (control_job, *jobs), settings, progress)
        state = HostState(core, load, before, read_core_state(core))
    samples = [*graphs, control]
    check_cores(samples, core)
    return summarise(
        Measurement(
            bundle=bundle.path.resolve().name,
            manifest_sha256=digest(bundle.path / MANIFEST_NAME),
            graphs={job.name: graph for job, graph in zip(jobs, graphs, strict=True)},
            control=control,
            peak_rss_mib=peak_rss_mib(),
            conditions=describe_conditions(bundle, runtimes, settings, state, samples),
        )
    )


def plan(bundle: Bundle, runtimes: Sequence[Runtime], asked: Sequence[str]) -> tuple[Job, ...]:
    """Every graph in every runtime."""
    names = choose_graphs(bundle, asked)
    first = runtimes[0]
    return tuple(
        Job(name if runtime is first else f"{runtime.name}/{name}", runtime, name)
        for runtime in runtimes
        for name in names
    )


def choose_graphs(bundle: Bundle, asked: Sequence[str]) -> tuple[str, ...]:
    """All where none is asked for. The keyframe graph is always among them: ratios need it.

    Raises BundleError where the bundle has no graph of that name.
    """
    names = tuple(dict.fromkeys((KEYFRAME, *(asked or bundle.manifest.graphs))))
    for name in names:
        bundle.graph(name)
    return names


def measure(
    bundle: Bundle, jobs: Sequence[Job], settings: BenchSettings, progress: Progress
) -> list[GraphSamples]:
    """One entry a job, in their order; what is named twice is loaded twice."""
    graphs = [load_graph(bundle, job, settings.golden) for job in jobs]
    rounds = run_rounds(graphs, settings, progress)
    return [
        GraphSamples(
            samples_ms=tuple(sample.elapsed_ms for sample in series),
            cores=tuple(sample.core for sample in series),
            load_ms=graph.load_ms,
            first_ms=graph.first_ms,
            precision=graph.runtime.precision,
            runtime=graph.runtime.name,
        )
        for graph, series in zip(graphs, zip(*rounds, strict=True), strict=True)
    ]


def load_graph(bundle: Bundle, job: Job, golden: int) -> LoadedGraph:
    inputs = golden_inputs(bundle, job.graph, golden)
    started_ns = perf_counter_ns()
    session = job.runtime.load(bundle, job.graph)
    load_ms = elapsed_ms(started_ns)
    first_ms = take_sample(session, inputs).elapsed_ms
    return LoadedGraph(job.runtime, session, inputs, load_ms, first_ms)


def run_rounds(
    graphs: Sequence[LoadedGraph], settings: BenchSettings, progress: Progress
) -> list[list[Sample]]:
    """[rounds that count][graphs]; the graphs' order is shuffled anew in every round."""
    generator = np.random.default_rng(settings.seed)
    total = settings.warmup + settings.iterations
    rounds = []
    with garbage_collection_paused():
        for done in range(1, total + 1):
            rounds.append(run_round(graphs, generator.permutation(len(graphs)).tolist()))
            progress(done, total)
    return rounds[settings.warmup :]


def run_round(graphs: Sequence[LoadedGraph], order: Sequence[int]) -> list[Sample]:
    samples = {index: take_sample(graphs[index].session, graphs[index].inputs) for index in order}
    return [samples[index] for index in range(len(graphs))]


def take_sample(session: Session, inputs: Arrays) -> Sample:
    started_ns = perf_counter_ns()
    outputs = session.run(inputs)
    sample = Sample(elapsed_ms(started_ns), current_core())
    del outputs  # only now, since giving the memory back is no part of the run
    return sample


def elapsed_ms(started_ns: int) -> float:
    return (perf_counter_ns() - started_ns) / 1e6


@contextmanager
def garbage_collection_paused() -> Iterator[None]:
    enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def check_cores(samples: Sequence[GraphSamples], core: int) -> None:
    """Raises BenchError unless every sample ran on the core."""
    cores = [seen for graph in samples for seen in graph.cores]
    if strays := [seen for seen in cores if seen != core]:
        raise BenchError(
            f"{len(strays)} of {len(cores)} samples ran on another core than {core} "
            f"({', '.join(map(str, sorted(set(strays))))}), so the result is refused; something "
            "moved the process while it was measured: stop that, or choose another core"
        )


def describe_conditions(
    bundle: Bundle,
    runtimes: Sequence[Runtime],
    settings: BenchSettings,
    state: HostState,
    samples: Sequence[GraphSamples],
) -> Conditions:
    golden = find_golden(bundle, settings.golden)
    return Conditions(
        device="host",
        cpu_model=cpu_model(),
        core=state.core,
        cores_seen=tuple(sorted({core for graph in samples for core in graph.cores})),
        threads=1,
        precision=", ".join(sorted({graph.precision for graph in samples})),
        runtime=", ".join(runtime.name for runtime in runtimes),
        runtime_version=versions(runtimes),
        runtime_settings=runtime_settings(runtimes),
        warmup=settings.warmup,
        iterations=settings.iterations,
        order=f"interleaved: each graph once a round, order shuffled with seed {settings.seed}",
        inputs=f"golden frame {settings.golden}: {golden.source}, frame {golden.frame}",
        frequency_before_khz=state.before.frequency_khz,
        frequency_after_khz=state.after.frequency_khz,
        governor=state.after.governor,
        load_average=state.load_average,
        kernel=platform.release(),
        platform=platform.platform(),
    )


def versions(runtimes: Sequence[Runtime]) -> str:
    """The version; behind each package's name where there are several."""
    found = {runtime.package: runtime.version() for runtime in runtimes}
    named = (f"{package} {number}" for package, number in found.items())
    return ", ".join(named if len(found) > 1 else found.values())


def runtime_settings(runtimes: Sequence[Runtime]) -> RuntimeSettings:
    """What the runtimes were told; of several, the package's name goes before each setting."""
    packages = list(dict.fromkeys(runtime.package for runtime in runtimes))
    told = {package: RUNTIME_SETTINGS.get(package, RuntimeSettings)() for package in packages}
    if len(packages) == 1:
        return told[packages[0]]
    return {f"{name}.{key}": value for name, own in told.items() for key, value in own.items()}


def onnxruntime_settings() -> RuntimeSettings:
    from export.onnx_tensors import session_options

    options = session_options()
    return {
        "provider": "CPUExecutionProvider",
        "intra_op_num_threads": options.intra_op_num_threads,
        "inter_op_num_threads": options.inter_op_num_threads,
        "execution_mode": options.execution_mode.name,
        "graph_optimization_level": options.graph_optimization_level.name,
    }


def ncnn_settings() -> RuntimeSettings:
    """As ncnn has them where `NcnnNet` says nothing, and as it says."""
    import ncnn

    from export.ncnn_net import OFF

    options = ncnn.Option()
    shown = ("use_winograd_convolution", "use_sgemm_convolution", "use_packing_layout")
    usual = {name: int(getattr(options, name)) for name in shown}
    return {"num_threads": 1, **usual, **{name: int(value) for name, value in OFF.items()}}


# By package; one without a row was told nothing.
RUNTIME_SETTINGS: dict[str, Callable[[], RuntimeSettings]] = {
    "onnxruntime": onnxruntime_settings,
    "ncnn": ncnn_settings,
}

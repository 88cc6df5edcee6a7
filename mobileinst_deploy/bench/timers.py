"""A graph that is loaded and can be timed, one run at a time, in this process."""

from dataclasses import dataclass
from time import perf_counter_ns
from typing import Protocol

from android_bench.measurement.conditions import current_core
from android_bench.measurement.core_clock import CoreClock
from export.golden_io import Arrays, golden_inputs
from export.manifest import Bundle
from mobileinst_deploy.bench.plan import Job
from mobileinst_deploy.runtimes.base import Runtime, Session


@dataclass(frozen=True)
class Sample:
    elapsed_ms: float
    core: int  # where the thread was when the run was over
    frequency_khz: int | None = None  # of that core, then
    frequency_limit_khz: int | None = None


class Timer(Protocol):
    """Loaded, and run once."""

    @property
    def runtime(self) -> Runtime: ...
    @property
    def load_ms(self) -> float: ...
    @property
    def first_ms(self) -> float: ...

    def sample(self) -> Sample:
        """Runs the graph once. Raises RunError where the runtime fails, BenchError."""
        ...


@dataclass(frozen=True)
class LoadedGraph:
    runtime: Runtime
    session: Session
    inputs: Arrays
    clock: CoreClock
    load_ms: float
    first_ms: float

    def sample(self) -> Sample:
        elapsed_ms, core = time_run(self.session, self.inputs)
        return Sample(elapsed_ms, core, self.clock.frequency_khz(), self.clock.limit_khz())


def load_graph(bundle: Bundle, job: Job, golden: int, clock: CoreClock) -> LoadedGraph:
    """Raises BundleError where the graph or its golden inputs are missing, RunError."""
    inputs = golden_inputs(bundle, job.graph, golden)
    started_ns = perf_counter_ns()
    session = job.runtime.load(bundle, job.graph)
    load_ms = elapsed_ms(started_ns)
    first_ms, _ = time_run(session, inputs)
    return LoadedGraph(job.runtime, session, inputs, clock, load_ms, first_ms)


def time_run(session: Session, inputs: Arrays) -> tuple[float, int]:
    """Milliseconds, and the core that the thread was on at the end."""
    started_ns = perf_counter_ns()
    outputs = session.run(inputs)
    taken = elapsed_ms(started_ns), current_core()
    del outputs  # only now, since giving the memory back is no part of the run
    return taken


def elapsed_ms(started_ns: int) -> float:
    return (perf_counter_ns() - started_ns) / 1e6

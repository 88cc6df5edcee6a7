"""Measure a bundle's graphs on one core of this machine, in interleaved rounds."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from android_bench.measurement.conditions import load_average, peak_rss_mib, pinned, read_core_state
from android_bench.measurement.core_clock import CoreClock
from android_bench.measurement.measuring import check_cores
from android_bench.measurement.neighbours import busy_elsewhere, read_core_times
from android_bench.measurement.results import BenchResult, Measurement, RanFile
from android_bench.measurement.summary import summarise
from export.golden_io import find_golden
from export.manifest import MANIFEST_NAME, Bundle, FileRef, digest
from mobileinst_deploy.bench.host_conditions import HostState, describe_conditions
from mobileinst_deploy.bench.plan import BenchSettings, Job, control_job, plan
from mobileinst_deploy.bench.rounds import Progress, run_rounds
from mobileinst_deploy.bench.served import ServedGraphs, serve
from mobileinst_deploy.bench.timers import Timer, load_graph
from mobileinst_deploy.runtimes.base import Runtime

SPARE = "spare"  # loaded where something has to be first


@dataclass(frozen=True)
class Loaded:
    timers: dict[str, Timer]  # by the jobs' names
    served: ServedGraphs | None  # those that a native runner runs
    in_process: bool  # whether there are others


def bench_host(
    bundle: Bundle, runtimes: Sequence[Runtime], settings: BenchSettings, progress: Progress
) -> BenchResult:
    """Runs every graph once a round, and the keyframe graph once more from a second session.

    Raises DeviceError where the core can't be had, BundleError where a graph or its golden inputs
    are missing, RunError where a runtime fails, BenchError where a sample ran on another core.
    """
    jobs = plan(bundle, runtimes, settings.graphs)
    load = load_average()
    with pinned(settings.core) as core:
        before = read_core_state(core)
        with ExitStack() as stack:
            wanted = (control_job(runtimes), *jobs)
            loaded = load_jobs(stack, bundle, wanted, settings.golden, core)
            timers = [loaded.timers[job.name] for job in wanted]
            times = read_core_times()
            control, *graphs = run_rounds(timers, settings, progress)
            busy = busy_elsewhere(times, read_core_times(), core)
            memory = peak_memory(loaded)
        clock = CoreClock(core)
        state = HostState(core, clock.highest_khz(), load, before, read_core_state(core), busy)
    samples = [*graphs, control]
    check_cores([seen for graph in samples for seen in graph.cores], core)
    native = loaded.served.facts if loaded.served else None
    return summarise(
        Measurement(
            bundle=bundle.path.resolve().name,
            manifest_sha256=digest(bundle.path / MANIFEST_NAME),
            graphs={job.name: graph for job, graph in zip(jobs, graphs, strict=True)},
            control=control,
            peak_rss_mib=memory,
            conditions=describe_conditions(bundle, runtimes, settings, state, samples, native),
            files=tuple(ran_files(bundle, jobs, loaded.served, settings.golden)),
        )
    )


def load_jobs(
    stack: ExitStack, bundle: Bundle, jobs: Sequence[Job], golden: int, core: int
) -> Loaded:
    """In their order, those of the native runner in one process of its own.

    The first of the jobs is one that nothing is compared with: what is loaded first in a process
    was seen to lie worse in memory, by 4 %.
    """
    first, clock = jobs[0], CoreClock(core)
    native = with_spare([job for job in jobs if job.runtime.native], first)
    others = with_spare([job for job in jobs if not job.runtime.native], first)
    served = stack.enter_context(serve(bundle, native, golden, core)) if native else None
    timers: dict[str, Timer] = dict(served.timers) if served else {}
    timers |= {job.name: load_graph(bundle, job, golden, clock) for job in others}
    return Loaded(timers, served, bool(others))


def with_spare(jobs: Sequence[Job], first: Job) -> tuple[Job, ...]:
    """Begins with the one that is to be first, or else with the jobs' own first once more."""
    if not jobs or jobs[0] is first:
        return tuple(jobs)
    return (replace(jobs[0], name=SPARE), *jobs)


def peak_memory(loaded: Loaded) -> float | None:
    """Of the processes that ran graphs, together; None where the system does not say."""
    own = peak_rss_mib() if loaded.in_process else 0.0
    served = loaded.served.close() if loaded.served else 0.0
    return None if own is None else own + served


def ran_files(
    bundle: Bundle, jobs: Sequence[Job], served: ServedGraphs | None, golden: int
) -> Iterator[RanFile]:
    """Each once: the native runner's, then the artifacts of the other runtimes and the golden."""
    yield from served.files if served else ()
    refs = dict.fromkeys(
        ref for job in jobs if not job.runtime.native for ref in artifacts(bundle, job)
    )
    for ref in (*refs, find_golden(bundle, golden).reference):
        yield RanFile(ref.file, ref.sha256, ref.size)


def artifacts(bundle: Bundle, job: Job) -> tuple[FileRef, ...]:
    """What the runtime loads; PyTorch takes the reference weights."""
    if job.runtime.format is None:
        return (bundle.manifest.model.weights.reference,)
    return bundle.artifact(job.graph, job.runtime.format, job.runtime.precision).files

"""The graphs that the native runner runs: all in one process, asked for one after the other."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from android_bench.measurement import measuring
from android_bench.measurement.measuring import milliseconds
from android_bench.measurement.results import RanFile
from android_bench.remote.host_session import HostRunner, host_runner
from android_bench.remote.run_log import Loaded, RunLog
from export.manifest import Bundle
from mobileinst_deploy.bench.host_conditions import NativeFacts
from mobileinst_deploy.bench.jobs import make_job
from mobileinst_deploy.bench.plan import Job
from mobileinst_deploy.bench.timers import Sample
from mobileinst_deploy.runtimes.base import Runtime
from mobileinst_deploy.runtimes.native import needed_runner


@dataclass(frozen=True)
class ServedGraph:
    """Timed by the runner's own clock."""

    runtime: Runtime
    process: HostRunner
    key: str
    load_ms: float
    first_ms: float

    def sample(self) -> Sample:
        event = self.process.sample(self.key)
        return Sample(
            milliseconds(event.ns), event.core, event.frequency_khz, event.frequency_max_khz
        )


@dataclass(frozen=True)
class ServedGraphs:
    timers: dict[str, ServedGraph]  # by the jobs' names
    facts: NativeFacts
    files: tuple[RanFile, ...]
    process: HostRunner

    def close(self) -> float:
        """Ends the runner; the most memory that it held, in MiB. Raises BenchError."""
        return measuring.peak_rss_mib(self.process.close())


@contextmanager
def serve(bundle: Bundle, jobs: Sequence[Job], golden: int, core: int) -> Iterator[ServedGraphs]:
    """Loaded in their order on the core.

    Raises DeviceError where the runner is not built or the core can't be had, BundleError where
    the bundle lacks files, BenchError where the runner fails.
    """
    runner = needed_runner()
    wanted = make_job(bundle, [job.wanted for job in jobs], golden)
    with host_runner(wanted, runner.path, core) as process:
        log = RunLog(tuple(process.reader.events))
        facts = NativeFacts(
            measuring.runner_facts(log.start, runner.sha256), measuring.runner_settings(log.start)
        )
        program = RanFile(runner.path.name, runner.sha256, runner.bytes)
        files = measuring.ran_files(log, wanted, program)
        yield ServedGraphs(served(jobs, process, log), facts, files, process)


def served(jobs: Sequence[Job], process: HostRunner, log: RunLog) -> dict[str, ServedGraph]:
    loaded = {event.key: event for event in log.of(Loaded)}
    return {
        job.name: ServedGraph(
            job.runtime,
            process,
            job.name,
            milliseconds(loaded[job.name].load_ns),
            milliseconds(loaded[job.name].first_ns),
        )
        for job in jobs
    }

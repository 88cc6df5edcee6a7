"""The runs of a phone's measurement: rounds, a schedule of each runtime, a profile."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path

from android_bench.errors import BenchError
from android_bench.measurement import measuring
from android_bench.measurement.frames import ScheduleRun
from android_bench.measurement.layers import GraphProfile
from android_bench.measurement.measuring import AskedSchedule
from android_bench.measurement.results import KEYFRAME
from android_bench.measurement.summary import FOLDED, PLAIN, Schedule
from android_bench.remote.job import Job as RunnerJob
from android_bench.remote.job import JobSchedule
from android_bench.remote.run_log import Event, RunLog
from android_bench.remote.session import Session
from mobileinst_deploy.bench.plan import CONTROL, BenchSettings, Job
from mobileinst_deploy.bench.rounds import Progress
from mobileinst_deploy.runtimes.base import Runtime

ONLY_KEYFRAMES = Schedule((KEYFRAME,), KEYFRAME)  # nothing is folded for nobody


@dataclass(frozen=True)
class ScheduleSettings:
    interval: int  # one key frame in so many
    frames: int
    fps: float | None  # the camera's rate; None: as fast as it can


@dataclass(frozen=True)
class PhoneRuns:
    """Runs of one job on one core: all with the same files, which are pushed once."""

    session: Session
    runner: Path
    core: int
    jobs: tuple[Job, ...]  # with the control first
    job: RunnerJob  # the same for the runner
    rounds: BenchSettings
    on_event: Callable[[Event], None]
    on_push: Progress  # bytes done, of how many

    def bench(self) -> RunLog:
        options = ("--iterations", self.rounds.iterations, "--seed", self.rounds.seed)
        return self.run(self.job, "bench", *options)

    def schedule(self, runtime: Runtime, asked: ScheduleSettings) -> ScheduleRun:
        """Of one runtime's graphs."""
        keys = {job.graph: job.name for job in self.jobs[1:] if job.runtime is runtime}
        graphs = choose_schedule(keys.keys(), asked.interval)
        scheduled = JobSchedule(tuple(keys[name] for name in graphs.key), keys[graphs.reuse])
        pace = ("--fps", asked.fps) if asked.fps else ()
        log = self.run(
            replace(self.job, schedule=scheduled),
            "schedule",
            *("--interval", asked.interval, "--frames", asked.frames, *pace),
        )
        return measuring.schedule_run(
            log,
            AskedSchedule(
                self.core, runtime.name, runtime.precision, asked.interval, asked.frames,
                asked.fps, graphs.key, graphs.reuse,
            ),
        )  # fmt: skip

    def profile(self) -> dict[str, GraphProfile]:
        graphs = tuple(graph for graph in self.job.graphs if graph.key != CONTROL)
        iterations = self.rounds.iterations
        log = self.run(replace(self.job, graphs=graphs), "profile", "--iterations", iterations)
        return measuring.profiles(log, self.core, iterations)

    def run(self, job: RunnerJob, command: str, *more: object) -> RunLog:
        facts = self.session.facts
        sensors = (word for zone in facts.cpu_zones for word in ("--thermal", f"{zone.path}/temp"))
        options = (
            *("--core", self.core, "--warmup", self.rounds.warmup, "--sysfs", facts.sysfs),
            *sensors,
            *more,
        )
        return self.session.run(
            job,
            self.runner,
            command,
            tuple(map(str, options)),
            on_event=self.on_event,
            progress=self.on_push,
        )


def choose_schedule(graphs: Collection[str], interval: int) -> Schedule:
    """The folded one where its graphs are there, else the plain one.

    Raises BenchError where neither is.
    """
    for schedule in (FOLDED, PLAIN) if interval > 1 else (ONLY_KEYFRAMES,):
        if {*schedule.key, schedule.reuse} <= set(graphs):
            return schedule
    raise BenchError(
        f"a schedule needs the graphs {', '.join((*FOLDED.key, FOLDED.reuse))}, or "
        f"{', '.join((*PLAIN.key, PLAIN.reuse))}; {', '.join(graphs)} were asked for"
    )

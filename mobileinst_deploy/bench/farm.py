"""From a bundle to what goes into the zip for a device farm."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from android_bench.building import Runner
from android_bench.farm.archive import Farm, FarmJob, write_archive
from android_bench.farm.document import FarmPlan, PlannedGraph, PlannedSchedule
from android_bench.measurement import measuring
from android_bench.measurement.summary import Schedule
from android_bench.remote.job import Job, JobSchedule
from export.manifest import Bundle
from mobileinst_deploy.bench import plan
from mobileinst_deploy.bench.jobs import make_job
from mobileinst_deploy.bench.phone import ran_file
from mobileinst_deploy.bench.phone_conditions import describe_setting
from mobileinst_deploy.bench.phone_runs import ScheduleSettings, choose_schedule
from mobileinst_deploy.bench.plan import CONTROL, BenchSettings
from mobileinst_deploy.runtimes.base import Runtime


@dataclass(frozen=True)
class FarmSettings:
    rounds: BenchSettings  # how many is for whoever starts them to say
    schedule: ScheduleSettings | None = None
    profile: bool = False


def make_farm(
    bundle: Bundle, runner: Runner, runtimes: Sequence[Runtime], settings: FarmSettings
) -> Farm:
    """Raises BundleError where the bundle lacks files, BenchError where no schedule is whole."""
    graphs = plan.plan(bundle, runtimes, settings.rounds.graphs)
    jobs = (plan.control_job(runtimes), *graphs)
    job = make_job(bundle, [one.wanted for one in jobs], settings.rounds.golden)
    schedules = make_schedules(graphs, runtimes, settings.schedule)
    setting = describe_setting(bundle, runtimes, settings.rounds)
    farm_plan = FarmPlan(
        bundle=job.bundle,
        manifest_sha256=job.manifest_sha256,
        runtimes=setting.runtimes,
        graphs=tuple(
            PlannedGraph(key=one.name, runtime=one.runtime.name, precision=one.runtime.precision)
            for one in jobs
        ),
        control=CONTROL,
        schedules=schedules,
        profile=settings.profile,
        seed=settings.rounds.seed,
        order=setting.order,
        inputs=setting.inputs,
        files=(ran_file(runner), *measuring.known_files(job)),
    )
    return Farm(runner, farm_plan, farm_jobs(job, farm_plan, graphs))


def make_schedules(
    jobs: Sequence[plan.Job], runtimes: Sequence[Runtime], asked: ScheduleSettings | None
) -> tuple[PlannedSchedule, ...]:
    """One of each runtime; none where none is asked for."""
    if asked is None:
        return ()
    graphs = [job.graph for job in jobs if job.runtime is runtimes[0]]
    chosen: Schedule = choose_schedule(graphs, asked.interval)
    return tuple(
        PlannedSchedule(
            runtime=runtime.name,
            precision=runtime.precision,
            interval=asked.interval,
            frames=asked.frames,
            fps=asked.fps,
            key=chosen.key,
            reuse=chosen.reuse,
        )
        for runtime in runtimes
    )


def farm_jobs(job: Job, farm_plan: FarmPlan, jobs: Sequence[plan.Job]) -> tuple[FarmJob, ...]:
    """In the plan's order."""
    scheduled = [schedule_job(job, one, jobs) for one in farm_plan.schedules]
    graphs = tuple(graph for graph in job.graphs if graph.key != CONTROL)
    profile = [FarmJob("profile", replace(job, graphs=graphs))] if farm_plan.profile else []
    return (FarmJob("bench", job, ("--seed", str(farm_plan.seed))), *scheduled, *profile)


def schedule_job(job: Job, planned: PlannedSchedule, jobs: Sequence[plan.Job]) -> FarmJob:
    keys = {one.graph: one.name for one in jobs if one.runtime.name == planned.runtime}
    schedule = JobSchedule(tuple(keys[name] for name in planned.key), keys[planned.reuse])
    pace = ("--fps", str(planned.fps)) if planned.fps else ()
    options = ("--interval", str(planned.interval), "--frames", str(planned.frames), *pace)
    return FarmJob("schedule", replace(job, schedule=schedule), options)


def pack(
    path: Path,
    bundle: Bundle,
    runner: Runner,
    runtimes: Sequence[Runtime],
    settings: FarmSettings,
) -> Farm:
    """Writes the zip, whole or not at all. Raises as `make_farm`, and OSError."""
    farm = make_farm(bundle, runner, runtimes, settings)
    write_archive(path, farm.files)
    return farm

"""Measure a bundle's graphs on one core of a phone, with the native runner."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from android_bench.building import Runner
from android_bench.device.facts import choose_core, read_state
from android_bench.measurement import measuring
from android_bench.measurement.cooling import CoolDown, cool_down
from android_bench.measurement.frames import ScheduleRun
from android_bench.measurement.phone_measurement import PhoneRun, check_arithmetic, measurement
from android_bench.measurement.results import BenchResult, RanFile
from android_bench.measurement.summary import summarise
from android_bench.remote.run_log import Event, Frame, Sample
from android_bench.remote.session import Session
from android_bench.remote.store import no_progress
from export.manifest import Bundle
from mobileinst_deploy.bench.jobs import make_job
from mobileinst_deploy.bench.phone_conditions import PhoneState, describe_setting
from mobileinst_deploy.bench.phone_runs import PhoneRuns, ScheduleSettings, choose_schedule
from mobileinst_deploy.bench.plan import CONTROL, BenchSettings, control_job, plan
from mobileinst_deploy.bench.rounds import Progress
from mobileinst_deploy.runtimes.base import Runtime


@dataclass(frozen=True)
class PhoneSettings:
    rounds: BenchSettings  # its core is not looked at
    core: str = ""  # prime, big, little, a number; "": one of the fastest cluster
    schedule: ScheduleSettings | None = None
    profile: bool = False
    max_temperature_c: float = 45.0  # of the hottest CPU zone, before measuring
    cool_down_s: float = 300.0  # the longest wait for that


@dataclass(frozen=True)
class Watch:
    """Who wants to know how far it is; each is told how much is done, of how much."""

    samples: Progress
    bytes: Progress  # that are pushed


UNWATCHED = Watch(no_progress, no_progress)


def bench_phone(
    session: Session,
    runner: Runner,
    bundle: Bundle,
    runtimes: Sequence[Runtime],
    settings: PhoneSettings,
    watch: Watch = UNWATCHED,
) -> BenchResult:
    """Interleaved rounds, and what else was asked for, after the phone has cooled down.

    Raises DeviceError where the phone lacks the core or the arithmetic, BundleError where the
    bundle lacks files, BenchError where a run fails or one of its samples is on another core.
    """
    runs = prepare(session, runner, bundle, runtimes, settings, watch)
    cooled = wait_until_cool(session, runs.core, settings)
    before = read_state(session.transport, session.facts, runs.core)
    log = runs.bench()
    after = read_state(session.transport, session.facts, runs.core)
    state = PhoneState(session.facts, runs.core, before, after, settings.max_temperature_c)
    return summarise(
        measurement(
            log,
            PhoneRun(
                setting=describe_setting(bundle, runtimes, settings.rounds),
                control=CONTROL,
                runtimes={job.name: job.runtime.name for job in runs.jobs},
                state=state,
                cooled=cooled,
                files=(ran_file(runner), *measuring.known_files(runs.job)),
                schedules=run_schedules(runs, runtimes, settings.schedule),
                profile=runs.profile() if settings.profile else {},
            ),
        )
    )


def prepare(
    session: Session,
    runner: Runner,
    bundle: Bundle,
    runtimes: Sequence[Runtime],
    settings: PhoneSettings,
    watch: Watch,
) -> PhoneRuns:
    """Finds what is wrong before anything is pushed."""
    check_arithmetic(session.facts, {one.name: one.precision for one in runtimes})
    core = choose_core(session.facts, settings.core)
    jobs = plan(bundle, runtimes, settings.rounds.graphs)
    control = control_job(runtimes)
    if settings.schedule:
        graphs = [job.graph for job in jobs if job.runtime is runtimes[0]]
        choose_schedule(graphs, settings.schedule.interval)
    job = make_job(bundle, [one.wanted for one in (control, *jobs)], settings.rounds.golden)
    total = count_samples(settings, len(jobs), len(runtimes))
    on_event = counter(watch.samples, total)
    return PhoneRuns(
        session, runner.path, core, (control, *jobs), job, settings.rounds, on_event, watch.bytes
    )


def wait_until_cool(session: Session, core: int, settings: PhoneSettings) -> CoolDown:
    def temperatures() -> list[float | None]:
        session.check()
        state = read_state(session.transport, session.facts, core)
        return list(state.temperatures_c.values())

    limit_c, bound_s = settings.max_temperature_c, settings.cool_down_s
    return cool_down(temperatures, limit_c, bound_s, time.sleep, time.monotonic)


def ran_file(runner: Runner) -> RanFile:
    return RanFile(runner.path.name, runner.sha256, runner.bytes)


def run_schedules(
    runs: PhoneRuns, runtimes: Sequence[Runtime], asked: ScheduleSettings | None
) -> dict[str, ScheduleRun]:
    if asked is None:
        return {}
    return {runtime.name: runs.schedule(runtime, asked) for runtime in runtimes}


def count_samples(settings: PhoneSettings, graphs: int, runtimes: int) -> int:
    """Of all runs: rounds with the control, frames but for the first ones, rounds in layers."""
    rounds = settings.rounds.warmup + settings.rounds.iterations
    scheduled = settings.schedule.frames if settings.schedule else 0
    return rounds * (graphs + 1) + scheduled * runtimes + rounds * graphs * settings.profile


def counter(progress: Progress, total: int) -> Callable[[Event], None]:
    done = 0

    def count(event: Event) -> None:
        nonlocal done
        if isinstance(event, Sample | Frame):
            done += 1
            progress(done, total)

    return count

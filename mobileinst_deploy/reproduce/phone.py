"""Measure all networks of the tables on one core of a phone: one job, one interleaved run."""

from collections.abc import Sequence
from dataclasses import replace

from android_bench.building import Runner
from android_bench.device.facts import choose_core, read_state
from android_bench.measurement import measuring
from android_bench.measurement.phone_measurement import PhoneRun, check_arithmetic, measurement
from android_bench.remote.job import Job as RunnerJob
from android_bench.remote.session import Session
from mobileinst_deploy.bench.jobs import make_job
from mobileinst_deploy.bench.phone import (
    PhoneSettings,
    Watch,
    count_samples,
    counter,
    ran_file,
    wait_until_cool,
)
from mobileinst_deploy.bench.phone_conditions import PhoneState, describe_setting
from mobileinst_deploy.bench.phone_runs import PhoneRuns
from mobileinst_deploy.bench.plan import CONTROL, Job, control_job
from mobileinst_deploy.reproduce.choosing import Network
from mobileinst_deploy.reproduce.measured import (
    RUN_NAME,
    Measured,
    digest_all,
    digest_manifests,
)
from mobileinst_deploy.runtimes.base import Runtime


def measure_on_phone(
    session: Session,
    runner: Runner,
    networks: Sequence[Network],
    runtime: Runtime,
    settings: PhoneSettings,
    watch: Watch,
) -> Measured:
    """All networks lie in the phone's memory at once; NumPy does not run there.

    Raises DeviceError where the phone lacks the core or the arithmetic, BundleError where a bundle
    lacks files, BenchError where a run fails or one of its samples is on another core.
    """
    runs = prepare(session, runner, networks, runtime, settings, watch)
    cooled = wait_until_cool(session, runs.core, settings)
    before = read_state(session.transport, session.facts, runs.core)
    log = runs.bench()
    after = read_state(session.transport, session.facts, runs.core)
    run = PhoneRun(
        setting=describe_setting(networks[0].bundle, (runtime,), settings.rounds),
        control=CONTROL,
        runtimes={job.name: runtime.name for job in runs.jobs},
        state=PhoneState(session.facts, runs.core, before, after, settings.max_temperature_c),
        cooled=cooled,
        files=(ran_file(runner), *measuring.known_files(runs.job)),
    )
    return Measured(measurement(log, run), digest_manifests(networks), {})


def prepare(
    session: Session,
    runner: Runner,
    networks: Sequence[Network],
    runtime: Runtime,
    settings: PhoneSettings,
    watch: Watch,
) -> PhoneRuns:
    """Finds what is wrong before anything is pushed."""
    check_arithmetic(session.facts, {runtime.name: runtime.precision})
    core = choose_core(session.facts, settings.core)
    control = control_job((runtime,))
    jobs = (control, *(job for network in networks for job in network.jobs(runtime)))
    total = count_samples(settings, len(jobs) - 1, 1)
    return PhoneRuns(
        session,
        runner.path,
        core,
        jobs,
        joint_job(networks, control, runtime, settings.rounds.golden),
        settings.rounds,
        counter(watch.samples, total),
        watch.bytes,
    )


def joint_job(
    networks: Sequence[Network], control: Job, runtime: Runtime, golden: int
) -> RunnerJob:
    """The graphs of all bundles; the first one's control before them."""
    parts = [
        make_job(network.bundle, [job.wanted for job in network.jobs(runtime)], golden)
        for network in networks
    ]
    leader = make_job(networks[0].bundle, [control.wanted], golden)
    graphs = tuple(graph for part in (leader, *parts) for graph in part.graphs)
    manifests = digest_manifests(networks)
    return replace(leader, bundle=RUN_NAME, manifest_sha256=digest_all(manifests), graphs=graphs)

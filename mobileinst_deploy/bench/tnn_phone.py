"""Measure a bundle's graphs on one core of a phone, with the user's own TNNTest.

TNNTest says no more than the mean, the shortest and the longest of some runs of one process. So a
sample is the mean of a block of runs, each block is a process of its own, and the blocks of all
graphs take turns.
"""

from collections.abc import Sequence

from android_bench.device.facts import DeviceFacts, choose_core, read_state
from android_bench.errors import BenchError
from android_bench.measurement.phone_measurement import check_arithmetic, sensor_types
from android_bench.measurement.results import BenchResult, Measurement, RanFile
from android_bench.measurement.summary import summarise
from android_bench.remote.job import FileRef, file_ref
from android_bench.remote.session import Session
from android_bench.tnn.blocks import (
    Block,
    BlockReader,
    Planned,
    check_core,
    complete,
    core_mask,
    plan_text,
    script,
)
from android_bench.tnn.program import check_device
from export.manifest import MANIFEST_NAME, Bundle, digest
from mobileinst_deploy.bench.phone import UNWATCHED, PhoneSettings, Watch, wait_until_cool
from mobileinst_deploy.bench.phone_conditions import PhoneState
from mobileinst_deploy.bench.plan import CONTROL
from mobileinst_deploy.bench.tnn_plan import (
    TnnJob,
    TnnSettings,
    TnnWork,
    output_lines,
    tnn_files,
    tnn_jobs,
    turns,
)
from mobileinst_deploy.bench.tnn_result import (
    TnnRun,
    describe,
    job_samples,
    peak_rss_mib,
    thermal_series,
)

SCRIPT, PLAN, ZONES = "tnn_blocks.sh", "plan.txt", "zones.txt"


def bench_tnn(
    session: Session,
    bundle: Bundle,
    tnn: TnnSettings,
    settings: PhoneSettings,
    watch: Watch = UNWATCHED,
) -> BenchResult:
    """Interleaved blocks, after the phone has cooled down.

    Raises DeviceError where the phone lacks the core or the arithmetic or can't load the program,
    BundleError where the bundle lacks files, BenchError where TNNTest fails or was moved.
    """
    work = prepare(session.facts, bundle, tnn, settings)
    cooled = wait_until_cool(session, work.core, settings)
    before = read_state(session.transport, session.facts, work.core)
    ran = run(session, work, watch)
    after = read_state(session.transport, session.facts, work.core)
    samples = {job.name: job_samples(work, ran, job) for job in work.jobs}
    state = PhoneState(session.facts, work.core, before, after, settings.max_temperature_c)
    return summarise(
        Measurement(
            bundle=bundle.path.resolve().name,
            manifest_sha256=digest(bundle.path / MANIFEST_NAME),
            graphs={name: graph for name, graph in samples.items() if name != CONTROL},
            control=samples[CONTROL],
            peak_rss_mib=peak_rss_mib(ran.reader.blocks),
            conditions=describe(work, state, list(samples.values())),
            device=session.facts,
            cool_down=cooled,
            thermal=thermal_series(ran.reader, session.facts),
            files=tuple(RanFile(name, ref.sha256, ref.size) for name, ref in work.files.items()),
        )
    )


def prepare(
    facts: DeviceFacts, bundle: Bundle, tnn: TnnSettings, settings: PhoneSettings
) -> TnnWork:
    """Finds what is wrong before anything is pushed."""
    check_device(tnn.program, facts)
    check_arithmetic(facts, {mode.name: mode.precision for mode in tnn.modes}, "TNN")
    core = choose_core(facts, settings.core)
    jobs = tnn_jobs(bundle, tnn.modes, settings.rounds.graphs)
    files = {**tnn.program.files(), **tnn_files(bundle, jobs, settings.rounds.golden)}
    return TnnWork(bundle, tnn, settings.rounds, core, jobs, turns(jobs, settings.rounds), files)


def run(session: Session, work: TnnWork, watch: Watch) -> TnnRun:
    """Stops at the first process that has not measured, or that was moved to another core."""
    planned = work.planned()

    def check(block: Block) -> None:
        done = len(reader.blocks)
        block.timing()
        check_core(block, work.core)
        if done <= len(work.jobs):
            check_outputs(work.bundle, work.jobs[done - 1], block)
        watch.samples(done, len(planned))

    reader = BlockReader(check)
    session.run_program(
        {**work.files, **run_files(planned, session.facts)},
        command(work, session.facts),
        emulated=False,
        on_line=reader.read,
        progress=watch.bytes,
    )
    complete(reader, planned, session.transport.serial)
    return TnnRun(reader, *work.sorted_out(reader.blocks))


def run_files(planned: Sequence[Planned], facts: DeviceFacts) -> dict[str, FileRef]:
    """What only this run needs."""
    texts = {
        SCRIPT: script(),
        PLAN: plan_text(planned).encode(),
        ZONES: "".join(f"{path}\n" for path in sensor_types(facts)).encode(),
    }
    return {name: file_ref(text) for name, text in texts.items()}


def command(work: TnnWork, facts: DeviceFacts) -> tuple[str, ...]:
    core = work.core
    others = [one.number for one in facts.cores if one.online and one.number != core]
    cpufreq = f"{facts.sysfs}/devices/system/cpu/cpu{core}/cpufreq"
    watched = (core_mask([core]), core_mask(others), cpufreq)
    return ("sh", f"./{SCRIPT}", PLAN, ZONES, *watched, *work.tnn.program.command(facts, core))


def check_outputs(bundle: Bundle, job: TnnJob, first: Block) -> None:
    """Raises BenchError unless every output is there, as a number."""
    lines, odd = first.outputs or (0, 0)
    if lines != (expected := output_lines(bundle, job.graph)):
        raise BenchError(
            f"TNNTest wrote {lines} lines of outputs of {job.proto}, expected {expected}; is the "
            "device's storage full, or is the file another graph's?"
        )
    if odd:
        raise BenchError(
            f"{odd} values that TNNTest computed in {job.proto} at {job.mode.flag} are NaN or "
            "infinite, so its latency is refused; 'mobileinst parity --runtimes tnn' finds where"
        )

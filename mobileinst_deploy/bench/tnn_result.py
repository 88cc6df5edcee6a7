"""What TNNTest measured on a phone, as every result has it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from android_bench.device.facts import DeviceFacts
from android_bench.measurement.phone_measurement import sensor_types
from android_bench.measurement.results import Conditions, GraphSamples, Settings, ThermalSeries
from android_bench.tnn.benchmark import DEVICE, PRECISIONS
from android_bench.tnn.blocks import Block, BlockReader
from export.manifest import Bundle
from mobileinst_deploy.bench.phone_conditions import PhoneState, describe_conditions
from mobileinst_deploy.bench.tnn_plan import TnnJob, TnnSettings, TnnWork


@dataclass(frozen=True)
class TnnRun:
    """What came of it."""

    reader: BlockReader
    first: dict[str, Block]  # by the jobs' names, as the next
    blocks: dict[str, list[Block]]  # those that count, in the order of the rounds


def job_samples(work: TnnWork, ran: TnnRun, job: TnnJob) -> GraphSamples:
    blocks = ran.blocks[job.name]
    timings = [block.timing() for block in blocks]
    return GraphSamples(
        samples_ms=tuple(timing.mean for timing in timings),
        cores=(work.core,) * len(blocks),
        load_ms=None,
        first_ms=ran.first[job.name].timing().mean,
        precision=job.mode.precision,
        runtime=job.mode.name,
        frequencies_khz=tuple(block.watched[-1].frequency_khz for block in blocks),
        frequency_limits_khz=tuple(block.watched[-1].frequency_limit_khz for block in blocks),
        at_ms=tuple(block.end_s * 1000 for block in blocks),
        runs_per_sample=work.tnn.runs,
        extremes_ms=tuple((timing.shortest, timing.longest) for timing in timings),
    )


def peak_rss_mib(blocks: Sequence[Block]) -> float | None:
    """Of one process, as it was last seen while it ran."""
    known = [look.peak_rss_kib for block in blocks for look in block.watched if look.peak_rss_kib]
    return max(known) / 1024 if known else None


def thermal_series(reader: BlockReader, facts: DeviceFacts) -> tuple[ThermalSeries, ...]:
    return tuple(
        ThermalSeries(
            path,
            kind,
            tuple(at_s * 1000 for at_s, seen, _ in reader.heat if seen == path),
            tuple(
                None if milli_c is None else milli_c / 1000
                for _, seen, milli_c in reader.heat
                if seen == path
            ),
        )
        for path, kind in sensor_types(facts).items()
    )


def describe(work: TnnWork, state: PhoneState, samples: Sequence[GraphSamples]) -> Conditions:
    tnn = work.tnn
    usual = describe_conditions(
        work.bundle, (), work.rounds, state, samples, told(tnn, work.core), None
    )
    return replace(
        usual,
        runtime=", ".join(mode.name for mode in tnn.modes),
        runtime_version=tnn.program.version(),
        order=f"{usual.order}; a run is a process of TNNTest, and a sample the mean of {tnn.runs} "
        f"runs in it after {tnn.warmup_runs} more",
        inputs=usual.inputs + several_inputs(work.bundle, work.jobs),
    )


def told(tnn: TnnSettings, core: int) -> Settings:
    return {
        "device": DEVICE,
        "threads": 1,
        "cores": str(core),
        "runs per sample": tnn.runs,
        "warm-up runs before them": tnn.warmup_runs,
        "timed": "input conversion, forward, output conversion",
        **{f"precision of {m.name}": f"{m.flag} ({PRECISIONS[m.flag]})" for m in tnn.modes},
    }


def several_inputs(bundle: Bundle, jobs: Sequence[TnnJob]) -> str:
    """What graphs were fed that can't be fed rightly."""
    names = dict.fromkeys(job.graph for job in jobs)
    several = [name for name in names if len(bundle.graph(name).inputs) > 1]
    if not several:
        return ""
    return (
        f"; TNNTest reads every input from the start of one file, which for {', '.join(several)} "
        "has the values of the largest input: their other inputs are not the frame's. All values "
        "are finite and none is denormal, and no output is NaN or infinite, so that the time of "
        "the arithmetic does not depend on them"
    )

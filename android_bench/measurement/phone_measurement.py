"""From what a phone's run of the runner said to a measurement, whoever started it there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from android_bench.device.facts import DeviceFacts, DeviceState
from android_bench.errors import DeviceError
from android_bench.measurement import measuring
from android_bench.measurement.cooling import CoolDown
from android_bench.measurement.frames import ScheduleRun
from android_bench.measurement.layers import GraphProfile
from android_bench.measurement.measuring import Asked
from android_bench.measurement.results import (
    Conditions,
    GraphSamples,
    Measurement,
    RanFile,
    RunnerFacts,
    Settings,
)
from android_bench.remote.run_log import RunLog


@dataclass(frozen=True)
class PhoneState:
    facts: DeviceFacts
    core: int
    before: DeviceState
    after: DeviceState
    max_temperature_c: float  # that was asked for


@dataclass(frozen=True)
class Setting:
    """What was to be measured, in the words of a result."""

    runtimes: tuple[str, ...]
    warmup: int
    iterations: int
    order: str  # how the graphs take turns
    inputs: str  # what they are fed


@dataclass(frozen=True)
class PhoneRun:
    """A run in rounds, and what came before and after it."""

    setting: Setting
    control: str  # the key of the keyframe graph's second session
    runtimes: Mapping[str, str]  # by the graphs' keys, with the control's
    state: PhoneState
    cooled: CoolDown
    files: tuple[RanFile, ...]  # the runner first
    schedules: dict[str, ScheduleRun] = field(default_factory=dict)  # by runtime
    profile: dict[str, GraphProfile] = field(default_factory=dict)  # by graph


def measurement(log: RunLog, run: PhoneRun) -> Measurement:
    """Raises BenchError where the log is not that of the run that was asked for."""
    facts, setting = run.state.facts, run.setting
    asked = Asked(run.state.core, setting.warmup, setting.iterations, run.runtimes)
    graphs = measuring.graph_samples(log, asked)
    told = measuring.runner_settings(log.start)
    runner = measuring.runner_facts(log.start, run.files[0].sha256)
    measuring.check_files(log, run.files[1:])
    return Measurement(
        bundle=log.start.bundle,
        manifest_sha256=log.start.manifest_sha256,
        graphs={key: graph for key, graph in graphs.items() if key != run.control},
        control=graphs[run.control],
        peak_rss_mib=measuring.peak_rss_mib(log),
        conditions=describe_conditions(setting, run.state, graphs.values(), told, runner),
        device=facts,
        cool_down=run.cooled,
        thermal=measuring.thermal_series(log, sensor_types(facts)),
        files=run.files,
        schedules=run.schedules,
        profile=run.profile,
    )


def sensor_types(facts: DeviceFacts) -> dict[str, str]:
    """By the file that the runner reads."""
    return {f"{zone.path}/temp": zone.type for zone in facts.cpu_zones}


def check_arithmetic(
    facts: DeviceFacts, precisions: Mapping[str, str], library: str = "ncnn"
) -> None:
    """`precisions` by runtime.

    Raises DeviceError where the library would compute in float32 and call it float16.
    """
    half = [runtime for runtime, precision in precisions.items() if precision == "fp16"]
    if half and "fp16" not in facts.features:
        raise DeviceError(
            f"{facts.serial} has no float16 arithmetic (features: "
            f"{', '.join(facts.features) or 'none known'}), so {library} would compute {half[0]} "
            "in float32; leave it out"
        )


def describe_conditions(
    setting: Setting,
    state: PhoneState,
    samples: Iterable[GraphSamples],
    told: Settings,
    runner: RunnerFacts | None,
) -> Conditions:
    facts = state.facts
    graphs: Sequence[GraphSamples] = tuple(samples)
    core = next(core for core in facts.cores if core.number == state.core)
    return Conditions(
        device=facts.serial,
        cpu_model=facts.soc or facts.platform,
        core=state.core,
        cores_seen=tuple(sorted({core for graph in graphs for core in graph.cores})),
        threads=1,
        precision=", ".join(sorted({graph.precision for graph in graphs})),
        runtime=", ".join(setting.runtimes),
        runtime_version=runner.ncnn if runner else "",
        runtime_settings=told,
        warmup=setting.warmup,
        iterations=setting.iterations,
        order=setting.order,
        inputs=setting.inputs,
        frequency_before_khz=state.before.frequency_khz,
        frequency_after_khz=state.after.frequency_khz,
        governor=core.governor,
        load_average=None,
        kernel=facts.kernel or "unknown",
        platform=f"Android {facts.android_version or 'of an unknown version'}",
        cluster=core.cluster_name,
        core_max_khz=core.max_khz,
        max_temperature_c=state.max_temperature_c,
        temperature_before_c=state.before.hottest_c,
        temperature_after_c=state.after.hottest_c,
        runner=runner,
    )

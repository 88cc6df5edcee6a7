"""Where and how it was measured on a phone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from android_bench.device import DeviceFacts, DeviceState
from android_bench.results import Conditions, GraphSamples, RunnerFacts, Settings
from export.manifest import Bundle
from mobileinst_deploy.bench.host_conditions import describe_inputs
from mobileinst_deploy.bench.plan import BenchSettings, describe_order
from mobileinst_deploy.runtimes.base import Runtime


@dataclass(frozen=True)
class PhoneState:
    facts: DeviceFacts
    core: int
    before: DeviceState
    after: DeviceState
    max_temperature_c: float  # that was asked for


def describe_conditions(
    bundle: Bundle,
    runtimes: Sequence[Runtime],
    settings: BenchSettings,
    state: PhoneState,
    samples: Iterable[GraphSamples],
    told: Settings,
    runner: RunnerFacts | None,
) -> Conditions:
    facts = state.facts
    graphs = tuple(samples)
    core = next(core for core in facts.cores if core.number == state.core)
    return Conditions(
        device=facts.serial,
        cpu_model=facts.soc or facts.platform,
        core=state.core,
        cores_seen=tuple(sorted({core for graph in graphs for core in graph.cores})),
        threads=1,
        precision=", ".join(sorted({graph.precision for graph in graphs})),
        runtime=", ".join(runtime.name for runtime in runtimes),
        runtime_version=runner.ncnn if runner else "",
        runtime_settings=told,
        warmup=settings.warmup,
        iterations=settings.iterations,
        order=describe_order(settings.seed),
        inputs=describe_inputs(bundle, settings.golden),
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

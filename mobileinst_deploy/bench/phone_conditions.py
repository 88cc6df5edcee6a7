"""Where and how it was measured on a phone."""

from collections.abc import Iterable, Sequence

from android_bench.measurement import phone_measurement
from android_bench.measurement.phone_measurement import PhoneState, Setting
from android_bench.measurement.results import Conditions, GraphSamples, RunnerFacts, Settings
from export.manifest import Bundle
from mobileinst_deploy.bench.host_conditions import describe_inputs
from mobileinst_deploy.bench.plan import BenchSettings, describe_order
from mobileinst_deploy.runtimes.base import Runtime

__all__ = ["PhoneState", "describe_conditions", "describe_setting"]


def describe_setting(
    bundle: Bundle, runtimes: Sequence[Runtime], settings: BenchSettings
) -> Setting:
    return Setting(
        tuple(runtime.name for runtime in runtimes),
        settings.warmup,
        settings.iterations,
        describe_order(settings.seed),
        describe_inputs(bundle, settings.golden),
    )


def describe_conditions(
    bundle: Bundle,
    runtimes: Sequence[Runtime],
    settings: BenchSettings,
    state: PhoneState,
    samples: Iterable[GraphSamples],
    told: Settings,
    runner: RunnerFacts | None,
) -> Conditions:
    setting = describe_setting(bundle, runtimes, settings)
    return phone_measurement.describe_conditions(setting, state, samples, told, runner)

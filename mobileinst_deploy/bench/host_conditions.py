"""Where and how it was measured on this machine, and what the runtimes were told."""

import platform
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from android_bench.measurement.conditions import CoreState, cpu_model
from android_bench.measurement.results import Conditions, GraphSamples, RunnerFacts, Settings
from export.golden_io import find_golden
from export.manifest import Bundle
from mobileinst_deploy.bench.plan import BenchSettings, describe_order
from mobileinst_deploy.runtimes.base import Runtime


@dataclass(frozen=True)
class HostState:
    core: int
    core_max_khz: int | None
    load_average: tuple[float, float, float] | None  # before
    before: CoreState
    after: CoreState
    busy_elsewhere: float | None


@dataclass(frozen=True)
class NativeFacts:
    """Of the runner, where one took part."""

    runner: RunnerFacts
    settings: Settings  # what ncnn was told in it


def describe_conditions(
    bundle: Bundle,
    runtimes: Sequence[Runtime],
    settings: BenchSettings,
    state: HostState,
    samples: Sequence[GraphSamples],
    native: NativeFacts | None,
) -> Conditions:
    return Conditions(
        device="host",
        cpu_model=cpu_model(),
        core=state.core,
        cores_seen=tuple(sorted({core for graph in samples for core in graph.cores})),
        threads=1,
        precision=", ".join(sorted({graph.precision for graph in samples})),
        runtime=", ".join(runtime.name for runtime in runtimes),
        runtime_version=versions(runtimes),
        runtime_settings=runtime_settings(runtimes, native),
        warmup=settings.warmup,
        iterations=settings.iterations,
        order=describe_order(settings.seed),
        inputs=describe_inputs(bundle, settings.golden),
        frequency_before_khz=state.before.frequency_khz,
        frequency_after_khz=state.after.frequency_khz,
        governor=state.after.governor,
        load_average=state.load_average,
        kernel=platform.release(),
        platform=platform.platform(),
        core_max_khz=state.core_max_khz,
        busy_elsewhere=state.busy_elsewhere,
        runner=native.runner if native else None,
    )


def describe_inputs(bundle: Bundle, golden: int) -> str:
    found = find_golden(bundle, golden)
    return f"golden frame {golden}: {found.source}, frame {found.frame}"


def versions(runtimes: Iterable[Runtime]) -> str:
    """The version; behind each package's name where there are several."""
    found = {runtime.package: runtime.version() for runtime in runtimes}
    named = (f"{package} {number}" for package, number in found.items())
    return ", ".join(named if len(found) > 1 else found.values())


def runtime_settings(runtimes: Iterable[Runtime], native: NativeFacts | None) -> Settings:
    """What the runtimes were told; of several, the package's name goes before each setting."""
    told = {
        r.package: native.settings
        if native and r.native
        else PACKAGE_SETTINGS.get(r.package, Settings)()
        for r in runtimes
    }
    if len(told) == 1:
        return next(iter(told.values()))
    return {f"{name}.{key}": value for name, own in told.items() for key, value in own.items()}


def onnxruntime_settings() -> Settings:
    from export.onnx_tensors import session_options

    options = session_options()
    return {
        "provider": "CPUExecutionProvider",
        "intra_op_num_threads": options.intra_op_num_threads,
        "inter_op_num_threads": options.inter_op_num_threads,
        "execution_mode": options.execution_mode.name,
        "graph_optimization_level": options.graph_optimization_level.name,
    }


def ncnn_settings() -> Settings:
    """As ncnn has them where `NcnnNet` says nothing, and as it says."""
    import ncnn

    from export.ncnn_net import OFF

    options = ncnn.Option()
    shown = ("use_winograd_convolution", "use_sgemm_convolution", "use_packing_layout")
    usual = {name: int(getattr(options, name)) for name in shown}
    return {"num_threads": 1, **usual, **{name: int(value) for name, value in OFF.items()}}


# By package; one without a row was told nothing.
PACKAGE_SETTINGS: dict[str, Callable[[], Settings]] = {
    "onnxruntime": onnxruntime_settings,
    "ncnn": ncnn_settings,
}

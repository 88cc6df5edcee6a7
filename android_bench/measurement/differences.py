"""In what two measurements differ besides their times, and what keeps them from being compared."""

from collections.abc import Callable
from dataclasses import dataclass

from android_bench.measurement.results import BenchResult

GIGAHERTZ = 1e6  # in kHz


@dataclass(frozen=True)
class Difference:
    """In one condition, as text."""

    what: str
    a: str
    b: str


def find_differences(a: BenchResult, b: BenchResult) -> tuple[Difference, ...]:
    shown = ((what, show(a), show(b)) for what, show in CONDITIONS.items())
    return tuple(Difference(*row) for row in shown if row[1] != row[2])


def why_not_comparable(a: BenchResult, b: BenchResult) -> str:
    """Empty where a difference of the times would be the graphs' own."""
    for name, result in (("A", a), ("B", b)):
        if result.emulated:
            return f"{name} is of an emulated device, whose times mean nothing"
        if result.steadiness.throttled == "yes":
            return f"{name} was throttled"
    return ""


def show_settings(result: BenchResult) -> str:
    return ", ".join(
        f"{name} {value}" for name, value in result.conditions.runtime_settings.items()
    )


def show_runner(result: BenchResult) -> str:
    runner = result.conditions.runner
    if runner is None:
        return "none"
    return f"{runner.version}, ncnn {runner.ncnn}, {runner.target}, {runner.sha256[:12]}"


def show_model(result: BenchResult) -> str:
    """Of the phone, or of the host's processor."""
    device, cpu = result.device, result.conditions.cpu_model
    return " ".join(filter(None, (device.manufacturer, device.model))) if device else str(cpu)


def show_limit(result: BenchResult) -> str:
    khz = result.conditions.core_max_khz
    return "unknown" if khz is None else f"{khz / GIGAHERTZ:.2f} GHz"


# In the order of how much they weigh.
CONDITIONS: dict[str, Callable[[BenchResult], str]] = {
    "emulated": lambda result: "yes" if result.emulated else "no",
    "device": lambda result: result.conditions.device,
    "model": show_model,
    "core": lambda result: str(result.conditions.core),
    "cluster": lambda result: str(result.conditions.cluster),
    "core's limit": show_limit,
    "threads": lambda result: str(result.conditions.threads),
    "precision": lambda result: result.conditions.precision,
    "runtime": lambda result: result.conditions.runtime,
    "runtime's version": lambda result: result.conditions.runtime_version,
    "runtime's settings": show_settings,
    "runner": show_runner,
    "bundle": lambda result: result.bundle,
    "bundle's hash": lambda result: result.manifest_sha256[:12],
    "throttled": lambda result: result.steadiness.throttled,
    "governor": lambda result: str(result.conditions.governor),
    "kernel": lambda result: result.conditions.kernel,
    "order": lambda result: result.conditions.order,
    "inputs": lambda result: result.conditions.inputs,
}

"""The conditions of a measurement, as they stand beside its figures."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from android_bench.device.facts import DeviceFacts
from android_bench.measurement.cooling import CoolDown
from android_bench.measurement.results import BenchResult, Conditions, Settings
from mobileinst_deploy.bench.cells import show_c, show_mhz
from mobileinst_deploy.bench.circumstances import settings_line
from mobileinst_deploy.report.blocks import Cell
from mobileinst_deploy.report.numbers import UNTOLD, count, listed, percent, short_hash

if TYPE_CHECKING:
    from mobileinst_deploy.reproduce.result import Run

Rows = Iterator[tuple[str, str]]

STEADY = {
    "no": Cell("steady", "pass"),
    "suspected": Cell("throttling suspected", "warn"),
    "yes": Cell("throttled", "fail"),
    "unknown": Cell("steadiness unknown", "quiet"),
}


def device_name(conditions: Conditions, device: DeviceFacts | None) -> str | None:
    """The phone and its processor, or this machine's; None where neither is known."""
    if device is None:
        return conditions.cpu_model
    known = [device.manufacturer, device.model, device.soc]
    return " ".join(word for word in known if word) or conditions.cpu_model


def unknown_conditions(conditions: Conditions, device: DeviceFacts | None = None) -> str | None:
    """What a figure can't be understood without and is not known; None where all is known."""
    needed = {
        "the processor": device_name(conditions, device),
        "the runtime's version": conditions.runtime_version,
        "the precision": conditions.precision,
        "the inputs": conditions.inputs,
    }
    missing = [what for what, value in needed.items() if not value]
    return f"not known: {listed(missing)}" if missing else None


def obstacle(run: "BenchResult | Run") -> str | None:
    """Why no time of a run may be shown; None where it may."""
    if run.emulated:
        return "the device is emulated: correctness only, no time means anything"
    return unknown_conditions(run.conditions, run.device)


def one_line(conditions: Conditions, device: DeviceFacts | None = None) -> str:
    """Of all, those that say most."""
    return (
        f"{device_name(conditions, device)}, one core, {count(conditions.threads, 'thread')}, "
        f"{conditions.precision}, {runtime_text(conditions)}"
    )


def runtime_text(conditions: Conditions) -> str:
    """Of several runtimes the versions have their names already."""
    several = "," in conditions.runtime
    version = conditions.runtime_version
    return version if several else f"{conditions.runtime} {version}"


def run_rows(run: "BenchResult | Run") -> Rows:
    """All conditions of a run: the device, its state, what can be told apart, and the way."""
    yield from device_rows(run.conditions, run.device)
    yield from cool_down_rows(run.cool_down, run.conditions.max_temperature_c)
    floor = run.noise_floor
    yield (
        "noise floor",
        f"the same graph, loaded twice, differed by {percent(floor.difference)}; "
        f"nothing below {percent(floor.upper)} can be told apart",
    )
    reasons = " ".join(run.steadiness.reasons)
    yield "throttled", f"{run.steadiness.throttled}. {reasons}".rstrip(". ") + "."
    if run.peak_rss_mib is not None:
        yield "memory", f"{run.peak_rss_mib:.0f} MiB at most, of the whole process"
    yield from way_rows(run.conditions)


def device_rows(conditions: Conditions, device: DeviceFacts | None = None) -> Rows:
    where = "phone" if device else "machine"
    yield where, device_name(conditions, device) or UNTOLD
    if device:
        yield "serial", device.serial
        yield "Android", f"{device.android_version or '?'}, {device.abi or 'unknown ABI'}"
    cluster = f" ({conditions.cluster})" if conditions.cluster else ""
    yield "core", f"{conditions.core}{cluster}, {count(conditions.threads, 'thread')}"
    yield "runtime", f"{runtime_text(conditions)}, {conditions.precision}"
    if runner := conditions.runner:
        features = f", with {listed(runner.features)}" if runner.features else ""
        build = f"{runner.version} for {runner.target} ({runner.build}{features})"
        yield "runner", f"{build}, sha256 {short_hash(runner.sha256)}"
    yield from clock_rows(conditions)
    if conditions.load_average:
        yield "load average", listed(f"{load:.2f}" for load in conditions.load_average)
    if conditions.busy_elsewhere is not None:
        yield "other cores", f"{percent(conditions.busy_elsewhere, 0)} busy"
    yield "system", f"kernel {conditions.kernel}"


def clock_rows(conditions: Conditions) -> Rows:
    clocks = (conditions.frequency_before_khz, conditions.frequency_after_khz)
    known = any(clocks) or conditions.core_max_khz
    limit = f", at most {show_mhz(conditions.core_max_khz)}" if conditions.core_max_khz else ""
    before, after = map(show_mhz, clocks)
    yield "clock", f"{before} before, {after} after{limit}" if known else UNTOLD
    yield "governor", conditions.governor or UNTOLD
    heat = (conditions.temperature_before_c, conditions.temperature_after_c)
    told = any(degrees is not None for degrees in heat)
    yield "temperature", "{} before, {} after".format(*map(show_c, heat)) if told else UNTOLD


def way_rows(conditions: Conditions) -> Rows:
    """How it was measured."""
    yield "samples", f"{conditions.iterations} after {conditions.warmup} to warm up"
    yield "inputs", conditions.inputs
    yield "order", conditions.order
    for runtime, settings in by_runtime(conditions).items():
        yield f"settings{runtime}", settings_line(settings)


def by_runtime(conditions: Conditions) -> dict[str, Settings]:
    """Of several runtimes the settings' names begin with theirs; the keys are ends of a title."""
    found: dict[str, Settings] = {}
    for name, value in conditions.runtime_settings.items():
        runtime, _, own = name.rpartition(".")
        found.setdefault(f", {runtime}" if runtime else "", {})[own] = value
    return found


def cool_down_rows(cooled: CoolDown | None, limit_c: float | None) -> Rows:
    if cooled is None:
        return
    yield (
        "cool-down",
        f"{cooled.waited_s:.0f} s, from {show_c(cooled.start_c)} to {show_c(cooled.end_c)}, "
        f"limit {show_c(limit_c)}",
    )


def bundle_row(bundle: str, manifest_sha256: str, bundles: Mapping[str, str]) -> tuple[str, str]:
    """Whether it is one of the bundles on the page."""
    here = ", which is on this page" if manifest_sha256 in bundles else ""
    return "bundle", f"{base_name(bundle)}, manifest {short_hash(manifest_sha256)}{here}"


def base_name(path: str) -> str:
    """Of a bundle that a result names by the way to it."""
    return path.rstrip("/").rpartition("/")[2] or path

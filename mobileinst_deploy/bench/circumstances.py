"""Under which circumstances a result came about, in sentences that stand beside its figures."""

from collections.abc import Iterator

from android_bench.measurement.cooling import CoolDown
from android_bench.measurement.results import BenchResult, Conditions, RunnerFacts, Settings
from android_bench.measurement.steadiness import Steadiness
from mobileinst_deploy.bench.cells import show_c, show_mhz


def circumstances(result: BenchResult) -> Iterator[str]:
    conditions = result.conditions
    yield conditions_line(conditions)
    yield clock_line(conditions)
    if conditions.runtime_settings:
        yield f"Told: {settings_line(conditions.runtime_settings)}"
    if conditions.runner:
        yield runner_line(conditions.runner)
    if result.cool_down:
        yield cool_down_line(result.cool_down, conditions.max_temperature_c)
    yield throttling_line(result.steadiness)


def conditions_line(conditions: Conditions) -> str:
    threads = f"{conditions.threads} thread{'s' if conditions.threads > 1 else ''}"
    cluster = f" ({conditions.cluster})" if conditions.cluster else ""
    return (
        f"{conditions.cpu_model or 'unknown CPU'}, core {conditions.core}{cluster}, {threads}, "
        f"{conditions.precision}, {conditions.runtime} {conditions.runtime_version}, "
        f"{conditions.iterations} iterations after {conditions.warmup} to warm up"
    )


def clock_line(conditions: Conditions) -> str:
    known = (
        conditions.frequency_before_khz,
        conditions.core_max_khz,
        conditions.governor,
        conditions.temperature_before_c,
    )
    if not any(known):
        return "Clock and temperature: this machine does not say."
    before, after, highest = (
        show_mhz(khz)
        for khz in (
            conditions.frequency_before_khz,
            conditions.frequency_after_khz,
            conditions.core_max_khz,
        )
    )
    return (
        f"Clock: {before} before and {after} after, at most {highest}, "
        f"governor {conditions.governor or 'unknown'}. "
        f"Temperature: {show_c(conditions.temperature_before_c)} before, "
        f"{show_c(conditions.temperature_after_c)} after."
    )


def cool_down_line(cooled: CoolDown, limit_c: float | None) -> str:
    return (
        f"Before that it cooled down for {cooled.waited_s:.0f} s, from {show_c(cooled.start_c)} to "
        f"{show_c(cooled.end_c)} with {show_c(limit_c)} as the limit."
    )


def throttling_line(steadiness: Steadiness) -> str:
    """With its reasons, which a warning repeats only where it is throttled."""
    told = steadiness.throttled in ("yes", "suspected")
    reasons = "; see the warning" if told else f". {' '.join(steadiness.reasons)}".rstrip(". ")
    return f"Throttled: {steadiness.throttled}{reasons}"


def settings_line(settings: Settings) -> str:
    return ", ".join(f"{name} {value}" for name, value in settings.items())


def runner_line(runner: RunnerFacts) -> str:
    features = f", CPU with {', '.join(runner.features)}" if runner.features else ""
    return (
        f"Runner {runner.version} ({runner.target}, {runner.build}, ncnn {runner.ncnn}, "
        f"sha256 {runner.sha256[:12]}…){features}"
    )

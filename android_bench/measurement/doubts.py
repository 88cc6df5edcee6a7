"""Reasons to doubt the figures of a measurement: a sentence each."""

from collections.abc import Iterator, Mapping

from android_bench.device.facts import DeviceFacts
from android_bench.measurement import statistics
from android_bench.measurement.cooling import CoolDown
from android_bench.measurement.results import Conditions, GraphSamples, Measurement
from android_bench.measurement.statistics import NoiseFloor
from android_bench.measurement.steadiness import Steadiness

NOISE_LIMIT = 0.03  # a larger noise floor is worth a warning
DRIFT_LIMIT = 0.05  # and so is a larger difference between the two halves of a series
LOW_BATTERY = 20  # percent; below it many phones save power


def find_doubts(
    measured: Measurement, noise_floor: NoiseFloor, steadiness: Steadiness
) -> Iterator[str]:
    if measured.device:
        yield from device_doubts(measured.device)
    if measured.cool_down:
        yield from heat_doubts(measured.cool_down, measured.conditions.max_temperature_c)
    yield from throttling_doubts(steadiness)
    yield from drift_doubts(measured.graphs)
    if noise_floor.upper > NOISE_LIMIT:
        yield (
            f"The noise floor is {noise_floor.upper:.1%}, above {NOISE_LIMIT:.0%}: "
            "quieten the machine or measure more rounds."
        )
    if measured.device is None:  # a phone's governor can't be chosen without root
        yield from governor_doubts(measured.conditions)


def device_doubts(device: DeviceFacts) -> Iterator[str]:
    if device.emulated:
        yield "emulated: correctness only; no time of this device means anything."
    if device.screen_on is False:
        yield "The screen was off: many phones keep the fast cores from what runs then."
    if device.battery.level is not None and device.battery.level <= LOW_BATTERY:
        yield f"The battery is at {device.battery.level} %: many phones save power then."


def heat_doubts(cooled: CoolDown, limit_c: float | None) -> Iterator[str]:
    if cooled.reached is None:
        yield "No temperature of the CPU can be read, so nobody waited for it to cool down."
    elif not cooled.reached:
        yield (
            f"The CPU was still at {cooled.end_c:.1f} °C after {cooled.waited_s:.0f} s, above the "
            f"{limit_c:g} °C asked for: it was measured hot."
        )


def throttling_doubts(steadiness: Steadiness) -> Iterator[str]:
    if steadiness.throttled in ("yes", "suspected"):
        yield f"Throttled: {steadiness.throttled}. {' '.join(steadiness.reasons)}"


def drift_doubts(graphs: Mapping[str, GraphSamples]) -> Iterator[str]:
    for name, graph in graphs.items():
        drift = statistics.half_drift(graph.samples_ms)
        if abs(drift) > DRIFT_LIMIT:
            yield (
                f"The median of {name} in the second half of the rounds lies {abs(drift):.1%} "
                f"{'above' if drift > 0 else 'below'} that in the first half: the machine was not "
                "steady."
            )


def governor_doubts(conditions: Conditions) -> Iterator[str]:
    if conditions.governor not in (None, "performance"):
        yield (
            f"The frequency governor of core {conditions.core} is {conditions.governor!r}, "
            "so its clock may change while measuring; 'performance' is steadier."
        )

"""Reasons to doubt the figures of a run of many networks: a sentence each."""

from collections.abc import Iterator, Mapping

from android_bench.measurement import doubts
from android_bench.measurement.doubts import DRIFT_LIMIT, NOISE_LIMIT
from android_bench.measurement.results import GraphSamples, Measurement
from android_bench.measurement.statistics import NoiseFloor, half_drift
from android_bench.measurement.steadiness import Steadiness


def find_doubts(
    measured: Measurement, noise_floor: NoiseFloor, steadiness: Steadiness
) -> Iterator[str]:
    """As of one bundle, but that what is true of many graphs is said once."""
    if measured.device:
        yield from doubts.device_doubts(measured.device)
    else:  # a phone's governor can't be chosen without root
        yield from doubts.governor_doubts(measured.conditions)
    if measured.cool_down:
        yield from doubts.heat_doubts(measured.cool_down, measured.conditions.max_temperature_c)
    yield from slowing_doubts(steadiness)
    yield from drift_doubts(measured.graphs)
    if noise_floor.upper > NOISE_LIMIT:
        yield (
            f"The noise floor is {noise_floor.upper:.1%}, above {NOISE_LIMIT:.0%}: "
            "quieten the machine or measure more rounds."
        )


def slowing_doubts(steadiness: Steadiness) -> Iterator[str]:
    if steadiness.throttled in ("yes", "suspected"):
        first, *others = steadiness.reasons
        more = f" So say {len(others)} more signs." if others else ""
        yield f"Throttled: {steadiness.throttled}. {first}{more}"


def drift_doubts(graphs: Mapping[str, GraphSamples]) -> Iterator[str]:
    drifts = {name: half_drift(graph.samples_ms) for name, graph in graphs.items()}
    drifted = {name: drift for name, drift in drifts.items() if abs(drift) > DRIFT_LIMIT}
    if drifted:
        worst = max(drifted, key=lambda name: abs(drifted[name]))
        yield (
            f"The medians of {len(drifted)} of {len(drifts)} graphs differ by more than "
            f"{DRIFT_LIMIT:.0%} between the halves of the rounds, {worst} by "
            f"{drifted[worst]:+.1%}: the machine was not steady."
        )

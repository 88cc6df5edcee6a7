"""Reasons to doubt the figures of a curve: a sentence each."""

from collections.abc import Iterator, Mapping

from android_bench.measurement.doubts import DRIFT_LIMIT, NOISE_LIMIT, governor_doubts
from android_bench.measurement.results import Conditions
from android_bench.measurement.statistics import half_drift
from mobileinst_deploy.curve.result import RuntimeCurve
from mobileinst_deploy.curve.setups import REFERENCE


def find_doubts(curves: Mapping[str, RuntimeCurve], conditions: Conditions) -> Iterator[str]:
    for name, curve in curves.items():
        yield from noise_doubts(name, curve)
        yield from drift_doubts(name, curve)
        yield from idle_doubts(name, curve)
    yield from governor_doubts(conditions)


def noise_doubts(name: str, curve: RuntimeCurve) -> Iterator[str]:
    if curve.graphs_noise.upper > NOISE_LIMIT:
        yield (
            f"The noise floor of {name}'s graphs is {curve.graphs_noise.upper:.1%}, above "
            f"{NOISE_LIMIT:.0%}: quieten the machine or walk more frames."
        )


def drift_doubts(name: str, curve: RuntimeCurve) -> Iterator[str]:
    drift = half_drift(curve.points[REFERENCE].samples.graphs_ms)
    if abs(drift) > DRIFT_LIMIT:
        yield (
            f"{name}'s keyframe graph took {abs(drift):.1%} {'more' if drift > 0 else 'less'} in "
            "the second half of the frames: the machine was not steady."
        )


def idle_doubts(name: str, curve: RuntimeCurve) -> Iterator[str]:
    for interval, point in curve.points.items():
        if point.idle:
            yield (
                f"{name}, T = {interval}: in {point.idle} of {len(point.samples.live)} frames no "
                "kernel lived; their times are left out."
            )

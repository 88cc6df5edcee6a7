"""The mean frame's bound where one frame in T is a keyframe."""

from collections.abc import Mapping, Sequence

from android_bench.measurement.results import KEYFRAME
from android_bench.measurement.summary import FOLDED, INTERVALS, PLAIN, Schedule

SCHEDULES: Mapping[str, Schedule] = {"folded": FOLDED, "plain": PLAIN}


def amortised(bounds_ms: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """By schedule, then by T. Schedules of which a graph is missing are left out."""
    return {
        name: {str(interval): schedule_ms(bounds_ms, schedule, interval) for interval in INTERVALS}
        for name, schedule in SCHEDULES.items()
        if {*schedule.key, schedule.reuse} <= bounds_ms.keys()
    }


def schedule_ms(bounds_ms: Mapping[str, float], schedule: Schedule, interval: int) -> float:
    """With T = 1 nothing is folded, since nothing uses it."""
    key = schedule.key if interval > 1 else (KEYFRAME,)
    return amortised_ms(bounds_ms, key, schedule.reuse, interval)


def amortised_ms(
    bounds_ms: Mapping[str, float], key: Sequence[str], reuse: str, interval: int
) -> float:
    """(the key frame's graphs + (T - 1) × the reuse graph) / T; `reuse` counts only where T > 1."""
    others = (interval - 1) * bounds_ms[reuse] if interval > 1 else 0.0
    return (sum(bounds_ms[name] for name in key) + others) / interval

"""How busy the other cores of this machine are: they share caches, memory and often a core's units.

Another program on the other core was seen to slow a graph by 25 % from its first sample to its last
(two hyperthreads of one core), which nothing in the samples themselves can show.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from android_bench.measurement.conditions import read_text

PROC_STAT = Path("/proc/stat")
FIELDS = 8  # user nice system idle iowait irq softirq steal (proc_stat(5)); guests are in user
IDLE = slice(3, 5)  # idle and iowait


@dataclass(frozen=True)
class CoreTime:
    """Since the machine started, in clock ticks."""

    busy: int
    total: int


def read_core_times(path: Path = PROC_STAT) -> dict[int, CoreTime]:
    """By core; empty where the system does not say."""
    rows = [line.split() for line in (read_text(path) or "").splitlines()]
    return {
        int(name[3:]): core_time([int(ticks) for ticks in ticks[:FIELDS]])
        for name, *ticks in rows
        if name.startswith("cpu") and name[3:].isdecimal()
    }


def core_time(ticks: list[int]) -> CoreTime:
    total = sum(ticks)
    return CoreTime(total - sum(ticks[IDLE]), total)


def busy_elsewhere(
    before: Mapping[int, CoreTime], after: Mapping[int, CoreTime], core: int
) -> float | None:
    """0..1, of the time of all cores but this; None where that is unknown or there is no other."""
    others = (before.keys() & after.keys()) - {core}
    total = sum(after[other].total - before[other].total for other in others)
    busy = sum(after[other].busy - before[other].busy for other in others)
    return busy / total if total > 0 else None

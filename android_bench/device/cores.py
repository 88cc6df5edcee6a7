"""A device's cores and the clusters they form."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from android_bench.device.sections import Sections, number_list, numbered, whole_number
from android_bench.transport.lines import shown

UNKNOWN = "unknown"


@dataclass(frozen=True)
class Core:
    """What the system says about a core; None where it does not say."""

    number: int
    cluster_name: str  # prime, big, little, or unknown where nothing tells
    max_khz: int | None
    min_khz: int | None
    capacity: int | None  # of 1024, which is the fastest core at its highest frequency
    governor: str | None
    online: bool

    @property
    def speed(self) -> int:
        """Cores of one cluster have the same; 0 where nothing tells. Only for `comparable` ones."""
        return self.capacity or self.max_khz or 0


def parse_cores(sections: Sections) -> tuple[Core, ...]:
    r"""The cores by number.

    A core that is off shows no frequencies: it gets those of a core that it shares a clock with.

    >>> for core in parse_cores({"present": "0-1", "online": "0", "core 0":
    ...     "cpufreq/cpuinfo_max_freq=1900800\ncpufreq/related_cpus=0 1", "core 1": ""}):
    ...     print(core.number, core.cluster_name, core.max_khz, core.online)
    0 big 1900800 True
    1 big 1900800 False
    """
    files = numbered(sections, "core")
    present = number_list(sections.get("present", "")) or sorted(files)
    online = number_list(sections.get("online", "")) or present
    shared = clock_files(files.values())
    return named(
        make_core(number, {**shared.get(number, {}), **files.get(number, {})}, number in online)
        for number in sorted({*present, *files})
    )


def clock_files(cores: Iterable[Mapping[str, str]]) -> dict[int, Mapping[str, str]]:
    """The files of one core for every core that its related_cpus names."""
    return {
        number: files
        for files in cores
        for number in number_list(files.get("cpufreq/related_cpus", ""))
    }


def make_core(number: int, files: Mapping[str, str], online: bool) -> Core:
    maximum, minimum, capacity = (
        whole_number(files.get(name))
        for name in ("cpufreq/cpuinfo_max_freq", "cpufreq/cpuinfo_min_freq", "cpu_capacity")
    )
    governor = shown(files.get("cpufreq/scaling_governor", ""))
    return Core(number, UNKNOWN, maximum, minimum, capacity, governor, online)


def named(cores: Iterable[Core]) -> tuple[Core, ...]:
    """The cores with their clusters' names, by rank of speed.

    Of three or more speeds the fastest is prime, the slowest little and the others big; of two the
    fastest is big. Where nothing is known of any core, all are big; where it is not known of some,
    these are in no cluster.
    """
    found = comparable(tuple(cores))
    known = sorted({core.speed for core in found if core.speed}) or [0]
    ranks = (
        ("big", "little") if len(known) < 3 else ("prime", *["big"] * (len(known) - 2), "little")
    )
    names = dict(zip(reversed(known), ranks, strict=False))
    return tuple(replace(core, cluster_name=names.get(core.speed, UNKNOWN)) for core in found)


def comparable(cores: tuple[Core, ...]) -> tuple[Core, ...]:
    """Without capacities, unless every core has one: some kernels give it to a part of them."""
    if all(core.capacity for core in cores):
        return cores
    return tuple(replace(core, capacity=None) for core in cores)

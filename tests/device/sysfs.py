"""A folder played as /sys: the cores and thermal zones of a Snapdragon 778G.

Frequencies and capacities are of its order; nothing is measured against them.
"""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cluster:
    cores: tuple[int, ...]
    min_khz: int
    max_khz: int
    capacity: int  # of 1024


PHONE_CORES = 8
LITTLE_CORES = 4
ZONES = ("cpu-0-0-usr", "cpu-0-1-usr", "cpu-1-0-usr", "cpu-1-3-usr", "gpuss-0-usr", "battery")
COOL_C = 38.0
CPU = "devices/system/cpu"


def clusters(prime: int = PHONE_CORES - 1) -> tuple[Cluster, ...]:
    """Four little ones, then big ones; `prime` is the prime core's number."""
    others = [core for core in range(max(PHONE_CORES, prime + 1)) if core != prime]
    return (
        Cluster(tuple(others[:LITTLE_CORES]), 300_000, 1_958_400, 381),
        Cluster(tuple(others[LITTLE_CORES:]), 691_200, 2_208_000, 942),
        Cluster((prime,), 806_400, 2_400_000, 1024),
    )


def write_sysfs(folder: Path, online: int = PHONE_CORES) -> None:
    """The first `online` cores are there, the last of them as the prime core; the rest is off.

    A core that is off shows no clock, as on a phone. On a host the cores that are there have to be
    the host's own ones, on which programs really run.
    """
    for cluster in clusters(prime=online - 1):
        for core in cluster.cores:
            place = folder / CPU / f"cpu{core}"
            put(place / "cpu_capacity", cluster.capacity)
            if core < online:
                write_clock(place / "cpufreq", cluster)
    last = max(core for cluster in clusters(online - 1) for core in cluster.cores)
    put(folder / CPU / "present", f"0-{last}")
    put(folder / CPU / "online", f"0-{online - 1}")
    for number, name in enumerate(ZONES):
        put(folder / f"class/thermal/thermal_zone{number}/type", name)
    set_celsius(folder, COOL_C)


def write_clock(place: Path, cluster: Cluster) -> None:
    files: dict[str, object] = {
        "cpuinfo_min_freq": cluster.min_khz,
        "cpuinfo_max_freq": cluster.max_khz,
        "scaling_min_freq": cluster.min_khz,
        "scaling_max_freq": cluster.max_khz,
        "scaling_cur_freq": cluster.max_khz,
        "scaling_governor": "schedutil",
        "related_cpus": " ".join(map(str, cluster.cores)),
    }
    for name, value in files.items():
        put(place / name, value)


def throttle(folder: Path, core: int, khz: int) -> None:
    """The core's clock falls, as a hot phone's does; it may happen during a run."""
    for name in ("scaling_max_freq", "scaling_cur_freq"):
        put(folder / CPU / f"cpu{core}/cpufreq/{name}", khz)


def set_celsius(folder: Path, celsius: float) -> None:
    """Every zone has this temperature from now on."""
    for number in range(len(ZONES)):
        put(folder / f"class/thermal/thermal_zone{number}/temp", round(celsius * 1000))


def put(path: Path, value: object) -> None:
    """A reader sees the old value or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}")
    new.write_text(f"{value}\n")
    os.replace(new, path)

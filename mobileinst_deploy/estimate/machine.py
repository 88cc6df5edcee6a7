"""One core of a device profile as the roofline's two slopes: arithmetic and bandwidth."""

from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Literal

from android_bench.device.microarchitecture import FLOAT_BITS
from android_bench.device.profiles import Profile, ProfileCluster
from android_bench.errors import BenchError

Precision = Literal["fp32", "fp16"]
FLOAT_BYTES: dict[Precision, int] = {"fp32": 4, "fp16": 2}
KIB = 1024


@dataclass(frozen=True)
class Level:
    """Where numbers lie; the last one holds everything."""

    name: str  # L1, L2, L3, memory
    kib: int | None  # None: any number
    gb_s: float  # 10^9 bytes a second to and from one core

    def holds(self, size: int) -> bool:
        return self.kib is None or size <= self.kib * KIB


@dataclass(frozen=True)
class Machine:
    title: str
    cluster: str
    microarchitecture: str
    mhz: int
    precision: Precision
    fp16_arithmetic: bool  # otherwise fp16 halves the bytes alone
    gmacs_s: float  # 10^9 multiply-adds a second, at most
    levels: tuple[Level, ...]  # the fastest first
    assumed: tuple[
        str, ...
    ]  # numbers of the profile that nobody publishes, and what stands for them

    @property
    def float_bytes(self) -> int:
        return FLOAT_BYTES[self.precision]


def make_machine(profile: Profile, cluster: str, precision: Precision) -> Machine:
    """Of two clusters with one name, the one that computes more.

    Raises BenchError where the profile has no such cluster or nothing is known of its core.
    """
    found = [one for one in profile.clusters if one.name == cluster]
    if not found:
        names = ", ".join(dict.fromkeys(one.name for one in profile.clusters))
        raise BenchError(f"{profile.title} has no {cluster} core; it has {names}")
    fp16 = "fp16" in profile.features.names
    bits = 16 if precision == "fp16" and fp16 else FLOAT_BITS
    peaks = {one: peak_gmacs_s(profile, one, bits) for one in found}
    best = max(found, key=peaks.__getitem__)
    return Machine(
        profile.title,
        best.name,
        best.microarchitecture,
        best.max_mhz,
        precision,
        fp16,
        peaks[best],
        levels(profile, best),
        assumed(profile, best),
    )


def peak_gmacs_s(profile: Profile, cluster: ProfileCluster, bits: int) -> float:
    return profile.microarchitecture(cluster).fmas_per_cycle(bits) * cluster.max_mhz / 1000


def levels(profile: Profile, cluster: ProfileCluster) -> tuple[Level, ...]:
    """Each no faster than the one before it, through which all that it holds passes."""
    core = profile.microarchitecture(cluster)
    ghz = cluster.max_mhz / 1000
    found = [
        Level("L1", core.l1d.kib, core.l1d.bytes_per_cycle * ghz),
        Level("L2", cluster.l2_kib or core.l2.kib, core.l2.bytes_per_cycle * ghz),
    ]
    if profile.l3 is not None:
        found.append(Level("L3", profile.l3.kib, core.l3.bytes_per_cycle * ghz))
    found.append(Level("memory", None, profile.memory.bandwidth_gb_s))
    slopes = accumulate((level.gb_s for level in found), min)
    return tuple(replace(one, gb_s=slope) for one, slope in zip(found, slopes, strict=True))


def assumed(profile: Profile, cluster: ProfileCluster) -> tuple[str, ...]:
    core = profile.microarchitecture(cluster)
    tables = {
        f"{cluster.name} core": cluster,
        f"{cluster.microarchitecture}'s arithmetic": core.fma,
        f"{cluster.microarchitecture}'s L1": core.l1d,
        f"{cluster.microarchitecture}'s L2": core.l2,
        f"{cluster.microarchitecture}'s way to L3": core.l3 if profile.l3 else None,
        "L3": profile.l3,
        "memory": profile.memory,
    }
    return tuple(
        f"{name}: {table.assumed}." for name, table in tables.items() if table and table.assumed
    )

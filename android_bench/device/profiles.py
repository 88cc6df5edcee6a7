"""What is publicly known of some phones' processors, each number with its source.

A profile fills in for what a phone does not let a shell read, and is what a phone is held against.
"""

from dataclasses import replace
from functools import cache
from importlib.resources import files

import msgspec

from android_bench.device.cores import named
from android_bench.device.facts import DeviceFacts
from android_bench.errors import BenchError

CLOCK_TOLERANCE = 0.1  # a vendor's version of a processor may be that much faster or slower


class Microarchitecture(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    fma_pipes: int  # vector multiply-adds that start in a cycle
    fma_bits: int  # the width of each
    source: str

    @property
    def flops_per_cycle(self) -> int:
        """In float32, a multiply-add counted as two."""
        return 2 * self.fma_pipes * self.fma_bits // 32


class ProfileCluster(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    cores: tuple[int, ...]
    microarchitecture: str  # a key of microarchitectures(), if its pipelines are known
    max_mhz: int
    source: str
    l2_kib: int | None = None  # of each core


class Features(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    names: tuple[str, ...]  # of parsers.FEATURES
    source: str


class Memory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    bandwidth_gb_s: float  # 10^9 bytes, of all cores together, at most
    source: str


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    soc: tuple[str, ...]  # the values of ro.soc.model that it is for
    source: str  # of the numbering
    features: Features
    clusters: tuple[ProfileCluster, ...]
    memory: Memory | None = None


@cache
def profiles() -> dict[str, Profile]:
    """All of them by name, sorted."""
    folder = files("android_bench.device").joinpath("soc")
    texts = {path.name.removesuffix(".toml"): path for path in folder.iterdir()}
    return {
        name: msgspec.toml.decode(texts[name].read_bytes(), type=Profile, strict=True)
        for name in sorted(texts)
    }


@cache
def microarchitectures() -> dict[str, Microarchitecture]:
    text = files("android_bench.device").joinpath("microarchitectures.toml").read_bytes()
    return msgspec.toml.decode(text, type=dict[str, Microarchitecture], strict=True)


def load_profile(name: str) -> Profile:
    """Raises BenchError, which lists the names."""
    if name not in profiles():
        raise BenchError(f"no device profile {name!r}; there are {', '.join(profiles())}")
    return profiles()[name]


def matching_profile(facts: DeviceFacts) -> Profile | None:
    """The profile of the processor that the device says it has."""
    return next((profile for profile in profiles().values() if facts.soc in profile.soc), None)


def filled(facts: DeviceFacts, profile: Profile) -> DeviceFacts:
    """With the profile's clocks where not a single core tells its own, as some vendors deny it."""
    if any(core.max_khz or core.capacity for core in facts.cores):
        return facts
    clocks = {core: 1000 * group.max_mhz for group in profile.clusters for core in group.cores}
    cores = (replace(core, max_khz=clocks.get(core.number)) for core in facts.cores)
    return replace(facts, cores=named(cores))


def contradictions(facts: DeviceFacts, profile: Profile) -> tuple[str, ...]:
    """Where the phone is not what the profile says, a line each."""
    found = {core.number: core for core in facts.cores}
    expected = {core: cluster for cluster in profile.clusters for core in cluster.cores}
    lines = []
    if found.keys() != expected.keys():
        lines.append(f"{profile.title} has {len(expected)} cores, this phone {len(found)}")
    for number in sorted(found.keys() & expected.keys()):
        mhz, cluster = (found[number].max_khz or 0) / 1000, expected[number]
        if mhz and abs(mhz / cluster.max_mhz - 1) > CLOCK_TOLERANCE:
            lines.append(
                f"core {number} of a {profile.title} runs at {cluster.max_mhz} MHz at most, this "
                f"one at {mhz:.0f}"
            )
    lacking = [name for name in profile.features.names if name not in facts.features]
    if lacking and facts.features:
        lines.append(f"a {profile.title} has {', '.join(lacking)}, this phone does not say so")
    return tuple(lines)

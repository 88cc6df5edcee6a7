"""What is publicly known of some phones' processors, each number with its source.

A profile fills in for what a phone does not let a shell read, and is what a phone is held against.
"""

from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from android_bench.device.cores import named
from android_bench.device.facts import DeviceFacts
from android_bench.device.microarchitecture import (
    Count,
    Microarchitecture,
    Sourced,
    microarchitectures,
)
from android_bench.errors import BenchError

CLOCK_TOLERANCE = 0.1  # a vendor's version of a processor may be that much faster or slower


class ProfileCluster(Sourced, frozen=True):
    name: str
    cores: tuple[int, ...]
    microarchitecture: str  # a key of the profile's own, or else of microarchitectures()
    max_mhz: Count
    l2_kib: Count | None = None  # of each core; None: as large as the microarchitecture allows


class Features(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    names: tuple[str, ...]  # of parsers.FEATURES
    source: str


class Memory(Sourced, frozen=True):
    bandwidth_gb_s: Annotated[float, Meta(gt=0)]  # 10^9 bytes, of all cores together, at most


class SharedCache(Sourced, frozen=True):
    kib: Count  # with the system's cache behind it, if there is one


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    soc: tuple[str, ...]  # the values of ro.soc.model that it is for
    source: str  # of the numbering
    features: Features
    clusters: tuple[ProfileCluster, ...]
    memory: Memory
    l3: SharedCache | None = None
    microarchitectures: dict[str, Microarchitecture] = {}  # the ones that we do not know

    def microarchitecture(self, cluster: ProfileCluster) -> Microarchitecture:
        """Raises BenchError, which lists the known ones."""
        known = microarchitectures() | self.microarchitectures
        if cluster.microarchitecture not in known:
            raise BenchError(
                f"{self.title}: nothing is known of {cluster.microarchitecture}, the "
                f"microarchitecture of its {cluster.name} cores; known are {', '.join(known)}; "
                "give it a [microarchitectures] table of its own"
            )
        return known[cluster.microarchitecture]


@cache
def profiles() -> dict[str, Profile]:
    """All of them by name, sorted."""
    folder = files("android_bench.device").joinpath("soc")
    texts = {path.name.removesuffix(".toml"): path for path in folder.iterdir()}
    return {
        name: msgspec.toml.decode(texts[name].read_bytes(), type=Profile, strict=True)
        for name in sorted(texts)
    }


def load_profile(name: str) -> Profile:
    """Raises BenchError, which lists the names."""
    if name not in profiles():
        raise BenchError(f"no device profile {name!r}; there are {', '.join(profiles())}")
    return profiles()[name]


def read_profile(path: Path) -> Profile:
    """One of the user's own. Raises BenchError where the file can't be read or is none."""
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Profile, strict=True)
    except OSError as error:
        raise BenchError(f"can't read {path}: {error.strerror or error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BenchError(
            f"{path} is not a device profile: {error}; docs/estimate.md has one"
        ) from error


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

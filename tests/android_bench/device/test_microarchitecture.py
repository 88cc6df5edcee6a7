"""The shipped numbers: complete, sourced, and of the order that physics has."""

import msgspec
import pytest

from android_bench.device.microarchitecture import Microarchitecture, Sourced, microarchitectures
from android_bench.device.profiles import Profile, profiles

CORES = microarchitectures()
NO_SOURCE = "none"

PEAKS = [  # float32 multiply-adds in a cycle: pipes × bits / 32
    ("cortex-a55", 4),
    ("cortex-a77", 8),
    ("cortex-a78", 8),
    ("cortex-a510", 8),
    ("cortex-a710", 8),
    ("cortex-a715", 8),
    ("cortex-x1", 16),
    ("cortex-x2", 16),
    ("cortex-x3", 16),
]


def test_every_core_has_a_row():
    assert sorted(CORES) == sorted(name for name, _ in PEAKS)


@pytest.mark.parametrize(("name", "fmas"), PEAKS)
def test_peak(name, fmas):
    assert CORES[name].fmas_per_cycle() == fmas
    assert CORES[name].fmas_per_cycle(bits=16) == 2 * fmas
    assert CORES[name].flops_per_cycle == 2 * fmas


@pytest.mark.parametrize("core", CORES.values(), ids=CORES)
def test_caches_grow(core):
    assert core.l1d.kib < core.l2.kib


def sourced_tables() -> dict[str, Sourced]:
    found: dict[str, Sourced] = {}
    for name, core in CORES.items():
        found |= {f"{name} {part}": getattr(core, part) for part in ("fma", "l1d", "l2", "l3")}
    for name, profile in profiles().items():
        shared = {"memory": profile.memory, "l3": profile.l3}
        clusters = {f"{one.name} {one.cores}": one for one in profile.clusters}
        found |= {f"{name} {part}": table for part, table in (shared | clusters).items()}
    return found


@pytest.mark.parametrize("table", sourced_tables().values(), ids=sourced_tables())
def test_every_number_has_a_source_or_is_called_an_assumption(table):
    assert table.source
    assert table.source != NO_SOURCE or table.assumed


@pytest.mark.parametrize("profile", profiles().values(), ids=profiles())
def test_every_cluster_of_every_profile_is_known(profile):
    for cluster in profile.clusters:
        assert profile.microarchitecture(cluster).fma.pipes


@pytest.mark.parametrize(
    "text",
    [
        'pipes = 0\nbits = 128\nsource = "x"',
        'pipes = 2\nbits = 128\nsource = ""',
        "pipes = 2\nbits = 128",
        'pipes = 2\nbits = 128\nsource = "x"\nspeed = 3',
    ],
)
def test_a_table_that_makes_no_sense_is_refused(text):
    kind = type(CORES["cortex-a78"].fma)
    with pytest.raises(msgspec.ValidationError):
        msgspec.toml.decode(text, type=kind)


def test_a_profile_may_bring_a_core_of_its_own():
    profile = profiles()["snapdragon-778g"]
    own = msgspec.structs.replace(profile, microarchitectures={"mine": CORES["cortex-x3"]})
    cluster = msgspec.structs.replace(profile.clusters[0], microarchitecture="mine")
    assert isinstance(own, Profile)
    assert isinstance(own.microarchitecture(cluster), Microarchitecture)
    assert own.microarchitecture(cluster).fma.pipes == 4

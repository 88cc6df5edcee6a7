from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from android_bench.device.cores import Core
from android_bench.device.facts import read_facts
from android_bench.device.microarchitecture import microarchitectures
from android_bench.device.parsers import FEATURES
from android_bench.device.profiles import (
    Profile,
    contradictions,
    filled,
    load_profile,
    matching_profile,
    profiles,
)
from android_bench.errors import BenchError
from android_bench.transport.memory import MemoryTransport

DUMP = Path(__file__).parents[1] / "dumps/sm7325.txt"


@pytest.fixture
def lisa():
    return read_facts(MemoryTransport(lambda _: DUMP.read_text()))


@pytest.mark.parametrize("profile", profiles().values(), ids=profiles())
def test_every_profile_makes_sense(profile):
    cores = [core for cluster in profile.clusters for core in cluster.cores]
    assert sorted(cores) == list(range(len(cores)))
    clocks = [cluster.max_mhz for cluster in profile.clusters]
    assert clocks == sorted(clocks, reverse=True)
    assert {cluster.name for cluster in profile.clusters} == {"prime", "big", "little"}
    assert set(profile.features.names) <= FEATURES.keys()
    sources = [profile.source, profile.features.source, *(c.source for c in profile.clusters)]
    assert all(sources)


def test_the_778g():
    profile = load_profile("snapdragon-778g")
    layout = [(c.name, c.cores, c.microarchitecture, c.max_mhz) for c in profile.clusters]
    assert layout == [
        ("prime", (7,), "cortex-a78", 2400),
        ("big", (4, 5, 6), "cortex-a78", 2208),
        ("little", (0, 1, 2, 3), "cortex-a55", 1958),
    ]
    assert microarchitectures()["cortex-a78"].flops_per_cycle == 16
    assert microarchitectures()["cortex-a55"].flops_per_cycle == 8


def test_no_two_profiles_are_for_one_processor():
    socs = [soc for profile in profiles().values() for soc in profile.soc]
    assert len(socs) == len(set(socs))


def test_an_unknown_profile():
    expected = "no device profile 'x'; there are snapdragon-778g, snapdragon-8-gen-2, snapdragon-8"
    with pytest.raises(BenchError, match=expected):
        load_profile("x")


def test_an_unknown_key_is_refused():
    with pytest.raises(msgspec.ValidationError, match="unknown field `speed`"):
        msgspec.toml.decode(b"title = 'x'\nspeed = 3\n", type=Profile)


def test_matching(lisa):
    assert matching_profile(lisa) == load_profile("snapdragon-778g")
    assert matching_profile(replace(lisa, soc="SM0000")) is None
    assert matching_profile(replace(lisa, soc=None)) is None


def test_clocks_that_a_phone_hides_come_from_the_profile(lisa):
    hidden = tuple(Core(n, "big", None, None, None, None, True) for n in range(8))
    facts = filled(replace(lisa, cores=hidden), load_profile("snapdragon-778g"))
    assert facts.clusters == lisa.clusters
    assert filled(lisa, load_profile("snapdragon-778g")) is lisa


def test_contradictions(lisa):
    profile = load_profile("snapdragon-778g")
    assert contradictions(lisa, profile) == ()
    slower = replace(lisa.cores[7], max_khz=1_900_000)
    other = replace(lisa, cores=(*lisa.cores[1:7], slower), features=("fp16",))
    assert contradictions(other, profile) == (
        "Qualcomm Snapdragon 778G has 8 cores, this phone 7",
        "core 7 of a Qualcomm Snapdragon 778G runs at 2400 MHz at most, this one at 1900",
        "a Qualcomm Snapdragon 778G has dotprod, this phone does not say so",
    )

import re
from pathlib import Path

import msgspec
import pytest

from android_bench.device.profiles import Profile, load_profile
from android_bench.errors import BenchError
from mobileinst_deploy.estimate.machine import make_machine
from tests.mobileinst_deploy.estimate.machines import ROUND, machine


@pytest.mark.parametrize(
    ("core", "precision", "gmacs_s"),
    [  # GHz × pipes × lanes
        ("prime", "fp32", 2.4 * 2 * 4),
        ("prime", "fp16", 2.4 * 2 * 8),
        ("big", "fp32", 2.208 * 2 * 4),
        ("little", "fp32", 1.958 * 2 * 2),
    ],
)
def test_the_778g(core, precision, gmacs_s):
    made = make_machine(load_profile("snapdragon-778g"), core, precision)
    assert made.gmacs_s == pytest.approx(gmacs_s)
    assert made.levels[-1].gb_s == 25.6


def test_of_two_clusters_with_one_name_the_faster_counts():
    made = make_machine(load_profile("snapdragon-8-gen-2"), "big", "fp32")
    assert made.microarchitecture in ("cortex-a715", "cortex-a710")
    slower = msgspec.structs.replace(ROUND.clusters[0], max_mhz=500)
    two = msgspec.structs.replace(ROUND, clusters=(slower, *ROUND.clusters))
    assert make_machine(two, "prime", "fp32").mhz == 1000


def test_without_fp16_arithmetic_fp16_is_no_faster():
    features = msgspec.structs.replace(ROUND.features, names=("dotprod",))
    old = msgspec.structs.replace(ROUND, features=features)
    assert machine("fp16").gmacs_s == 2 * machine().gmacs_s
    assert make_machine(old, "prime", "fp16").gmacs_s == machine().gmacs_s
    assert make_machine(old, "prime", "fp16").float_bytes == 2


def test_no_level_is_faster_than_the_one_that_it_goes_through():
    wide = msgspec.structs.replace(ROUND.memory, bandwidth_gb_s=500.0)
    slopes = [
        x.gb_s
        for x in make_machine(msgspec.structs.replace(ROUND, memory=wide), "prime", "fp32").levels
    ]
    assert slopes == [64.0, 32.0, 16.0, 16.0]


def test_a_clusters_own_cache_and_no_l3():
    cluster = msgspec.structs.replace(ROUND.clusters[0], l2_kib=8)
    made = make_machine(
        msgspec.structs.replace(ROUND, clusters=(cluster,), l3=None), "prime", "fp32"
    )
    assert [(level.name, level.kib) for level in made.levels] == [
        ("L1", 1),
        ("L2", 8),
        ("memory", None),
    ]
    assert made.assumed == ()
    assert machine().assumed == ("round's way to L3: all of it.",)


def test_a_core_that_is_not_there():
    with pytest.raises(BenchError, match="Round numbers has no big core; it has prime"):
        make_machine(ROUND, "big", "fp32")
    cluster = msgspec.structs.replace(ROUND.clusters[0], microarchitecture="z80")
    unknown = msgspec.structs.replace(ROUND, clusters=(cluster,))
    with pytest.raises(BenchError, match=r"nothing is known of z80.*known are cortex-a55, "):
        make_machine(unknown, "prime", "fp32")


def test_the_profile_in_the_documentation_is_one():
    text = (Path(__file__).parents[3] / "docs/estimate.md").read_text()
    (block,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    profile = msgspec.toml.decode(block, type=Profile)
    assert make_machine(profile, "prime", "fp32").gmacs_s == pytest.approx(19.2)
    assert profile.microarchitectures.keys() == {"mine"}

"""The core that run.sh chooses is the one that the harness would choose."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import android_bench.farm
from android_bench.device.facts import choose_core, parse_facts
from android_bench.device.sections import split_sections
from android_bench.errors import DeviceError

SCRIPT = Path(android_bench.farm.__file__).with_name("choose_core.awk")
DUMP = Path(__file__).parents[1] / "dumps" / "sm7325.txt"
ASKED = ("", "prime", "big", "little", "0", "3", "7", "9", "turbo")


def by_awk(facts: str, asked: str, awk: tuple[str, ...] = ("awk",)) -> int | None:
    ran = subprocess.run(
        [*awk, "-v", f"asked={asked}", "-f", SCRIPT],
        input=facts, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.stderr == ""
    assert ran.returncode in (0, 5)
    return int(ran.stdout) if ran.returncode == 0 else None


def by_us(facts: str, asked: str) -> int | None:
    try:
        return choose_core(parse_facts("phone", split_sections(facts)), asked)
    except DeviceError:
        return None


@pytest.mark.parametrize("asked", ASKED)
def test_on_a_778g(asked: str):
    facts = DUMP.read_text()
    assert by_awk(facts, asked) == by_us(facts, asked)


@pytest.mark.parametrize("awk", [("mawk",), ("gawk", "--posix"), ("busybox", "awk"), ("bwk",)])
def test_with_every_awk(awk: tuple[str, ...]):
    if not shutil.which(awk[0]):
        pytest.skip(f"{awk[0]} is not installed")
    assert [by_awk(DUMP.read_text(), asked, awk) for asked in ASKED[:4]] == [7, 7, 6, 3]


def test_what_there_is_is_said_where_there_is_no_such_core():
    command = ["awk", "-v", "asked=turbo", "-f", SCRIPT, DUMP]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (5, "prime 7; big 4 5 6; little 0 1 2 3\n")


LISTS = st.sampled_from(["", "0-3", "0-7", "0-2,7", "1", "4 5 6", "0,2"])
KHZ = st.sampled_from(["", "300000", "1958400", "2208000", "2400000"])
CAPACITY = st.sampled_from(["", "", "381", "942", "1024"])
CORE = st.fixed_dictionaries(
    {
        "cpu_capacity": CAPACITY,
        "cpufreq/cpuinfo_max_freq": KHZ,
        "cpufreq/related_cpus": st.sampled_from(["", "0 1 2 3", "4 5 6", "7", "6 7"]),
    }
)
FACTS = st.tuples(LISTS, LISTS, st.dictionaries(st.integers(0, 7), CORE, max_size=8))


def facts_text(present: str, online: str, cores: dict[int, dict[str, str]]) -> str:
    lines = ["== present", f" {present}"] if present else ["== present"]
    lines += ["== online", f" {online}"] if online else ["== online"]
    for number, files in sorted(cores.items()):
        lines.append(f"== core {number}")
        lines += [f" {name}={value}" for name, value in files.items() if value]
    return "\n".join([*lines, ""])


@settings(max_examples=150, deadline=None)
@given(FACTS, st.sampled_from(ASKED))
def test_on_any_phone(facts: tuple[str, str, dict[int, dict[str, str]]], asked: str):
    text = facts_text(*facts)
    assert by_awk(text, asked) == by_us(text, asked)

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from android_bench.device.cores import Core, named
from android_bench.device.facts import (
    Battery,
    DeviceFacts,
    DeviceState,
    ThermalZone,
    choose_core,
    read_facts,
    read_state,
)
from android_bench.errors import DeviceError
from android_bench.transport.memory import MemoryTransport
from tests.android_bench.played import core_files, executable, played

DUMPS = Path(__file__).parents[1] / "dumps"


@pytest.fixture(scope="module")
def lisa() -> DeviceFacts:
    """A phone with a Snapdragon 778G."""
    return read_facts(MemoryTransport(lambda _: (DUMPS / "sm7325.txt").read_text()))


def test_who_a_778g_is(lisa):
    assert (lisa.manufacturer, lisa.model, lisa.soc) == ("Xiaomi", "2109119DG", "SM7325")
    assert (lisa.abi, lisa.android_version, lisa.sdk) == ("arm64-v8a", "13", 33)
    assert (lisa.page_size, lisa.memory_mib, lisa.screen_on) == (4096, 7416, True)
    assert lisa.features == ("fp16", "dotprod")
    assert lisa.battery == Battery(83, 28.7, True)
    assert (lisa.emulated, lisa.exec_prefix, lisa.sysfs) == (False, (), "/sys")
    assert lisa.storage == "/data/local/tmp"


def test_the_cores_of_a_778g(lisa):
    assert lisa.clusters == {"prime": (7,), "big": (4, 5, 6), "little": (0, 1, 2, 3)}
    assert list(lisa.clusters) == ["prime", "big", "little"]
    assert lisa.cores[4] == Core(4, "big", 2208000, 691200, 923, "schedutil", True)


def test_the_zones_of_a_778g(lisa):
    assert [zone.path[-2:] for zone in lisa.thermal_zones[:3]] == ["e0", "e1", "e2"]
    assert {zone.type for zone in lisa.thermal_zones} - {zone.type for zone in lisa.cpu_zones} == {
        *("aoss0-usr", "gpuss-0-usr", "ddr-usr", "pm7325_tz", "battery", "cpu-1-0-step")
    }


def test_facts_survive_json(lisa):
    assert msgspec.json.decode(msgspec.json.encode(lisa), type=DeviceFacts, strict=True) == lisa


@pytest.mark.parametrize(
    ("asked", "core"), [("", 7), ("prime", 7), ("big", 6), ("little", 3), ("0", 0), ("5", 5)]
)
def test_choose_core(lisa, asked, core):
    assert choose_core(lisa, asked) == core


@pytest.mark.parametrize("asked", ["8", "gold", "-1", "$(reboot)", "7 "])
def test_a_core_that_is_not_there(lisa, asked):
    expected = (
        r"has no core '.+'; choose one of prime \(core 7\), big \(cores 4, 5, 6\), "
        r"little \(cores 0, 1, 2, 3\)$"
    )
    with pytest.raises(DeviceError, match=expected):
        choose_core(lisa, asked)


def test_cores_that_are_off(lisa):
    cores = tuple(replace(core, online=core.number not in (6, 7)) for core in lisa.cores)
    facts = replace(lisa, cores=cores)
    assert choose_core(facts) == 5
    for asked in ("prime", "7"):
        with pytest.raises(DeviceError, match=r"prime \(core 7 off\), big \(cores 4, 5, 6 off\)"):
            choose_core(facts, asked)


def core(number: int, max_khz: int | None, capacity: int | None = None) -> Core:
    return Core(number, "", max_khz, None, capacity, None, True)


@pytest.mark.parametrize(
    ("cores", "names"),
    [
        ([], []),
        ([core(0, None)], ["big"]),
        ([core(0, 1000), core(1, 1000)], ["big", "big"]),
        ([core(0, 1000), core(1, 2000)], ["little", "big"]),
        ([core(0, 9), core(1, 8), core(2, 7)], ["prime", "big", "little"]),
        ([core(0, 9), core(1, 8), core(2, 7), core(3, 6)], ["prime", "big", "big", "little"]),
        ([core(0, 2000, 400), core(1, 2000, 1024)], ["little", "big"]),
        ([core(0, 2100, 400), core(1, 2000, 1024)], ["little", "big"]),
        ([core(0, 2100, 400), core(1, 2000, None)], ["big", "little"]),
        ([core(0, None), core(1, 2000), core(2, 1000)], ["unknown", "big", "little"]),
    ],
)
def test_clusters_are_named_by_rank(cores, names):
    assert [core.cluster_name for core in named(cores)] == names


def test_a_phone_that_tells_nothing(tmp_path):
    facts = read_facts(played(tmp_path, {}, {}))
    assert (facts.model, facts.abi, facts.sdk, facts.cores) == (None, None, None, ())
    assert facts.battery == Battery(None, None, None)
    with pytest.raises(DeviceError, match="has no core 'that is on'"):
        choose_core(facts)
    assert read_state(played(tmp_path, {}, {}), facts, 0) == DeviceState({}, None, None, None)


def test_an_emulated_phone(tmp_path):
    zone = {"class/thermal/thermal_zone0/type": "cpu-0-0\n"}
    zone["class/thermal/thermal_zone0/temp"] = "41200\n"
    files = {**core_files(0, 1800000, "0", 400), **core_files(1, 2400000, "1", 1024), **zone}
    said = {"debug.mobileinst.exec_prefix": "qemu -cpu max", "debug.mobileinst.storage": "/scratch"}
    device = played(tmp_path, said, files)
    executable(tmp_path / "bin/dumpsys", '[ "$1" != battery ] || echo "  temperature: 301"')
    facts = read_facts(device)
    assert (facts.exec_prefix, facts.storage) == (("qemu", "-cpu", "max"), "/scratch")
    assert facts.clusters == {"big": (1,), "little": (0,)}
    path = f"{tmp_path}/sys/class/thermal/thermal_zone0"
    assert facts.cpu_zones == (ThermalZone(path, "cpu-0-0", True),)
    state = read_state(device, facts, 1)
    assert state == DeviceState({path: 41.2}, 30.1, 1200000, 2400000)
    assert state.hottest_c == 41.2


def test_a_real_phone_can_not_call_itself_elsewhere(tmp_path):
    said = {"debug.mobileinst.storage": "/sdcard", "debug.mobileinst.exec_prefix": "evil"}
    facts = read_facts(played(tmp_path, {**said, "ro.boot.qemu": "0"}, {}))
    assert (facts.emulated, facts.exec_prefix) == (False, ())
    assert (facts.sysfs, facts.storage) == ("/sys", "/data/local/tmp")


@pytest.mark.parametrize(
    ("model", "shown"),
    [
        ("Pixel 8", "Pixel 8"),
        ("a\tb", "a b"),
        ("x\n== property ro.kernel.qemu\n 1", "x == property ro.kernel.qemu  1"),
        ("$(reboot) `id` \"'; rm -rf /", "$(reboot) `id` \"'; rm -rf /"),
        ("\x1b[31mred\x1b]0;title\x07", "[31mred ]0;title"),
        ("a\x7f\x9bb\u202ec", "a  b c"),
        ("Größe 手机", "Größe 手机"),
        ("\t\n", None),
        ("m" * 1000, "m" * 200),
    ],
)
def test_hostile_names_are_shown_harmlessly(tmp_path, model, shown):
    facts = read_facts(played(tmp_path, {"ro.product.model": model, "ro.boot.qemu": "0"}, {}))
    assert facts.model == shown
    assert facts.emulated is False


def test_no_shell():
    with pytest.raises(DeviceError, match="expected a POSIX shell, but it answered 'login:'"):
        read_facts(MemoryTransport(lambda _: "login:"))

from dataclasses import replace
from pathlib import Path

import pytest

from android_bench.device.facts import DeviceState, read_facts
from android_bench.device.parsers import Battery
from android_bench.device.probe import Probe
from android_bench.transport.memory import MemoryTransport
from mobileinst_deploy.fitness import Examined, as_text, is_fit
from mobileinst_deploy.phone_checks import judge

DUMP = Path(__file__).parents[1] / "android_bench/dumps/sm7325.txt"
FACTS = replace(
    read_facts(MemoryTransport(lambda _: DUMP.read_text())), battery=Battery(83, 28.7, False)
)
COOL = DeviceState({"zone": 41.2}, 28.7, 2_400_000, 2_400_000)
GOOD = Examined(FACTS, COOL, Probe(None, None, 9000, (7,)), 7)


def with_facts(**changes) -> Examined:
    return replace(GOOD, facts=replace(FACTS, **changes))


def with_probe(**changes) -> Examined:
    return replace(GOOD, probe=replace(GOOD.probe, **changes))


def test_a_good_phone():
    assert {check.verdict for check in judge(GOOD)} == {"ok"}
    assert as_text(judge(GOOD)).endswith("\n\nthis phone can be measured on")


@pytest.mark.parametrize(
    ("phone", "name", "verdict"),
    [
        (with_facts(abi="x86_64"), "ABI", "fail"),
        (with_facts(abi=None), "ABI", "fail"),
        (with_facts(emulated=True), "phone", "warn"),
        (with_probe(write_fault="mkdir: Read-only file system"), "storage, write", "fail"),
        (with_probe(execute_fault="Permission denied"), "storage, execute", "fail"),
        (with_probe(free_mib=199), "storage, free", "fail"),
        (with_probe(free_mib=None), "storage, free", "warn"),
        (with_probe(pinned_to=()), "pinning", "warn"),
        (with_probe(pinned_to=(0, 1, 2)), "pinning", "warn"),
        (with_facts(cores=()), "clusters", "warn"),
        (
            with_facts(cores=tuple(replace(c, online=c.number > 0) for c in FACTS.cores)),
            *("cores that are off", "warn"),
        ),
        (
            with_facts(cores=tuple(replace(c, governor="powersave") for c in FACTS.cores)),
            *("governor", "warn"),
        ),
        (with_facts(features=()), "instructions", "warn"),
        (with_facts(features=("fp16",)), "profile", "warn"),
        (with_facts(screen_on=False), "screen", "warn"),
        (with_facts(screen_on=None), "screen", "warn"),
        (with_facts(battery=Battery(19, None, False)), "battery", "warn"),
        (with_facts(battery=Battery(90, None, True)), "charging", "warn"),
        (
            replace(GOOD, state=replace(COOL, temperatures_c={"z": 45.1})),
            *("CPU temperature", "warn"),
        ),
        (replace(GOOD, state=replace(COOL, temperatures_c={})), "CPU temperature", "warn"),
        (replace(GOOD, state=replace(COOL, frequency_khz=None)), "clock of core 7", "warn"),
    ],
)
def test_one_thing_is_wrong(phone, name, verdict):
    checks = judge(phone)
    assert (name, verdict) in [(check.name, check.verdict) for check in checks]
    assert all(check.advice for check in checks if check.verdict != "ok")
    assert is_fit(checks) is (verdict != "fail")


def test_a_full_battery_on_a_charger_is_no_trouble():
    assert "charging" not in [c.name for c in judge(with_facts(battery=Battery(100, 30.0, True)))]

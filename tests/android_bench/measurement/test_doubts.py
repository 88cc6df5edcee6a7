from dataclasses import replace

import pytest

from android_bench.device.facts import DeviceFacts
from android_bench.device.parsers import Battery
from android_bench.measurement.cooling import CoolDown
from android_bench.measurement.doubts import find_doubts
from android_bench.measurement.results import Measurement
from android_bench.measurement.statistics import NoiseFloor
from android_bench.measurement.steadiness import Steadiness
from tests.android_bench.measurement.test_results import CONDITIONS, MEASUREMENT

QUIET, STEADY = NoiseFloor(0.0, 0.0), Steadiness("no", (), (), {}, None, ())
PHONE = DeviceFacts(
    serial="R5CT",
    manufacturer=None,
    model=None,
    soc="SM7325",
    platform=None,
    abi="arm64-v8a",
    android_version="13",
    sdk=33,
    fingerprint=None,
    kernel=None,
    features=("fp16",),
    cores=(),
    thermal_zones=(),
    battery=Battery(80, 30.0, False),
    screen_on=True,
    page_size=4096,
    memory_mib=None,
    emulated=False,
    exec_prefix=(),
    sysfs="/sys",
    storage="/data/local/tmp",
)
SCHEDUTIL = replace(CONDITIONS, governor="schedutil", max_temperature_c=45.0)
MEASURED = replace(MEASUREMENT, device=PHONE, conditions=SCHEDUTIL)
COOL = CoolDown(0.0, 38.0, 38.0, True)


def doubts(
    measured: Measurement, noise: NoiseFloor = QUIET, steadiness: Steadiness = STEADY
) -> list[str]:
    return list(find_doubts(measured, noise, steadiness))


def test_a_phone_that_is_cool_awake_and_steady_gives_none():
    """Its governor is what every phone has, and nobody can choose another without root."""
    assert doubts(replace(MEASURED, cool_down=COOL)) == []


PHONES = {
    "emulated": (replace(PHONE, emulated=True), "emulated: correctness only"),
    "screen off": (replace(PHONE, screen_on=False), "The screen was off"),
    "battery": (replace(PHONE, battery=Battery(20, None, None)), "The battery is at 20 %"),
}


@pytest.mark.parametrize("name", PHONES)
def test_a_phone_that_is_not_fit_is_a_doubt(name):
    phone, says = PHONES[name]
    (doubt,) = doubts(replace(MEASURED, device=phone))
    assert doubt.startswith(says)


def test_what_the_phone_does_not_say_is_no_doubt():
    silent = replace(PHONE, screen_on=None, battery=Battery(None, None, None))
    assert doubts(replace(MEASURED, device=silent)) == []


@pytest.mark.parametrize(
    ("cooled", "says"),
    [
        (CoolDown(300.0, 71.0, 52.5, False), "still at 52.5 °C after 300 s, above the 45 °C"),
        (CoolDown(0.0, None, None, None), "No temperature of the CPU can be read"),
    ],
)
def test_a_phone_that_is_hot_or_may_be_is_a_doubt(cooled, says):
    (doubt,) = doubts(replace(MEASURED, cool_down=cooled))
    assert says in doubt


@pytest.mark.parametrize("verdict", ["yes", "suspected"])
def test_throttling_is_a_doubt_with_its_reasons(verdict):
    throttled = replace(STEADY, throttled=verdict, reasons=("It fell.", "It got hot."))
    assert doubts(MEASURED, steadiness=throttled) == [f"Throttled: {verdict}. It fell. It got hot."]


def test_throttling_that_nobody_can_know_of_is_no_doubt():
    assert doubts(MEASURED, steadiness=replace(STEADY, throttled="unknown")) == []


def test_of_this_machine_the_governor_is_one():
    (doubt,) = doubts(replace(MEASURED, device=None))
    assert "governor of core 1 is 'schedutil'" in doubt

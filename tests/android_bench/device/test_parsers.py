"""The parsers' docstrings show the raw text; here these examples are run, and odd texts."""

import doctest

import pytest

from android_bench.device import cores as device_cores
from android_bench.device import parsers as device_parsers
from android_bench.device import probe as phone_probe
from android_bench.device import sections as device_sections
from android_bench.device.parsers import Battery, celsius, parse_battery, parse_zones
from android_bench.device.sections import number_list, split_sections
from android_bench.transport import adb, base, lines, link


@pytest.mark.parametrize(
    "module",
    [adb, base, lines, link, phone_probe, device_cores, device_parsers, device_sections],
    ids=lambda m: m.__name__,
)
def test_examples(module):
    failed, tried = doctest.testmod(module)
    assert (failed, tried > 0) == (0, True)


@pytest.mark.parametrize(
    ("text", "battery"),
    [
        ("", Battery(None, None, None)),
        ("Can't find service: battery", Battery(None, None, None)),
        ("  level: 50\n  scale: 200\n  status: 5", Battery(25, None, True)),
        ("  level: 50\n  scale: 0\n  status: 3", Battery(50, None, False)),
        ("  temperature: -52", Battery(None, -5.2, None)),
    ],
)
def test_batteries(text, battery):
    assert parse_battery(text) == battery


@pytest.mark.parametrize("text", ["", "no sections\n", "== only\n== names\n", " indented first\n"])
def test_sections_without_text(text):
    assert not any(split_sections(text).values())


@pytest.mark.parametrize(
    ("text", "degrees"),
    [("0", 0.0), ("999", None), ("1000", 1.0), ("-5000", -5.0), ("150000", None), ("41 C", None)],
)
def test_temperatures(text, degrees):
    assert celsius(text) == degrees


def test_a_zone_without_files():
    assert [(zone.type, zone.readable) for zone in parse_zones({"zone /a": ""})] == [("", False)]


def test_a_list_of_cores_the_wrong_way_round():
    assert number_list("7-4") == ()

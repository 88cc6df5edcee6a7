"""What is said once of a run of many graphs."""

import re
from dataclasses import replace

import pytest

from android_bench.measurement.steadiness import Steadiness
from mobileinst_deploy.reproduce.doubts import drift_doubts, slowing_doubts
from tests.mobileinst_deploy.reproduce.test_summarising import series

STEADY = Steadiness("no", (), (), {}, None, ())


def halves(change: float):
    steady = series(10)
    later = tuple(ms * (1 + change) for ms in steady.samples_ms[:20])
    return replace(steady, samples_ms=steady.samples_ms[:20] + later)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"a": 0.0, "b": 0.04}, None),
        ({"a": 0.1, "b": 0.0}, r"of 1 of 2 graphs differ .* a by \+10.0%"),
        ({"a": 0.1, "b": -0.2}, r"of 2 of 2 graphs differ .* b by -20.0%"),
    ],
)
def test_drifts_are_one_sentence(changes, says):
    found = [*drift_doubts({name: halves(change) for name, change in changes.items()})]
    assert len(found) == (says is not None)
    for line in found:
        assert re.search(says, line)


@pytest.mark.parametrize(
    ("throttled", "reasons", "wanted"),
    [
        ("no", (), []),
        ("unknown", ("Nobody knows.",), []),
        ("yes", ("A cap.",), ["Throttled: yes. A cap."]),
        ("suspected", ("a.", "b.", "c."), ["Throttled: suspected. a. So say 2 more signs."]),
    ],
)
def test_of_many_signs_one_is_shown(throttled, reasons, wanted):
    assert [*slowing_doubts(replace(STEADY, throttled=throttled, reasons=reasons))] == wanted

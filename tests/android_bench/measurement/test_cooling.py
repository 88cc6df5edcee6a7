import pytest

from android_bench.measurement.cooling import PAUSE_S, CoolDown, Gate, cool_down, gate


@pytest.mark.parametrize(
    ("temperatures", "expected"),
    [
        ([39.0, 40.0], Gate("ok", 40)),
        ([39.0, 40.1], Gate("wait", 40.1)),
        ([None, 30.0], Gate("ok", 30)),
        ([None, None], Gate("unknown", None)),
        ([], Gate("unknown", None)),
    ],
)
def test_gate(temperatures, expected):
    assert gate(temperatures, limit_c=40) == expected


class Room:
    """A device that cools by a degree a second; its time is that of whoever sleeps."""

    def __init__(self, temperature_c: float | None, down_to_c: float = 0):
        self.now_s, self.temperature_c, self.down_to_c = 100.0, temperature_c, down_to_c

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now_s += seconds
        if self.temperature_c is not None:
            self.temperature_c = max(self.down_to_c, self.temperature_c - seconds)

    def cool_down(self, bound_s: float = 60) -> CoolDown:
        return cool_down(lambda: [self.temperature_c], 40, bound_s, self.sleep, lambda: self.now_s)


def test_a_cool_device_does_not_wait():
    assert Room(35).cool_down() == CoolDown(0, 35, 35, True)


def test_a_hot_device_waits_until_it_is_cool():
    assert Room(52).cool_down() == CoolDown(3 * PAUSE_S, 52, 37, True)


def test_a_device_that_stays_hot_waits_for_no_longer_than_the_bound():
    assert Room(90, down_to_c=60).cool_down(bound_s=42) == CoolDown(42, 90, 60, False)


def test_without_a_bound_to_wait_for_it_only_looks():
    assert Room(90).cool_down(bound_s=0) == CoolDown(0, 90, 90, False)


def test_where_no_sensor_can_be_read_nobody_waits_for_nothing():
    assert Room(None).cool_down() == CoolDown(0, None, None, None)


def test_a_sensor_that_falls_silent_ends_the_wait():
    readings = iter([[50.0], [None]])
    room = Room(50)
    found = cool_down(lambda: next(readings), 40, 60, room.sleep, lambda: room.now_s)
    assert found == CoolDown(PAUSE_S, 50, None, None)

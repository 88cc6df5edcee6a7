"""Several phones at once."""

import os
import signal
import threading
from pathlib import Path

import pytest

from android_bench.errors import DeviceError
from android_bench.remote.fleet import Stop, on_all
from android_bench.remote.run_log import Event
from android_bench.remote.session import open_session
from tests.android_bench.local_phone import LocalPhone, gone, job

SERIALS = ("a", "b", "c")


@pytest.fixture
def phones(tmp_path: Path) -> dict[str, LocalPhone]:
    return {serial: LocalPhone(tmp_path / serial) for serial in SERIALS}


def test_each_has_its_result_and_all_run_at_once(phones: dict[str, LocalPhone], fake_runner: Path):
    together = threading.Barrier(len(SERIALS), timeout=60)

    def work(serial: str, stop: Stop) -> int:
        with open_session(serial, connect=phones[serial].connect) as session:
            together.wait()
            return len(session.run(job(), fake_runner, "bench").events)

    outcomes = on_all(SERIALS, work)
    assert [outcome.serial for outcome in outcomes] == [*SERIALS]
    assert {outcome.result for outcome in outcomes} == {6}
    assert all(phone.stored() for phone in phones.values())


def test_one_that_fails_loses_nothing_of_the_others(
    phones: dict[str, LocalPhone], fake_runner: Path
):
    def work(serial: str, stop: Stop) -> int:
        connect = gone if serial == "b" else phones[serial].connect
        with open_session(serial, connect=connect) as session:
            return len(session.run(job(), fake_runner, "bench").events)

    first, second, third = on_all(SERIALS, work)
    assert (first.result, second.result, third.result) == (6, None, 6)
    assert isinstance(second.error, DeviceError)
    assert str(second.error) == "no device b"


def test_nothing_is_asked_for_and_one_is_named_twice():
    assert on_all((), lambda serial, stop: 1) == ()
    assert [outcome.result for outcome in on_all(("a", "a"), lambda serial, stop: 1)] == [1]


def test_an_interruption_stops_and_cleans_all(phones: dict[str, LocalPhone], fake_runner: Path):
    together = threading.Barrier(len(SERIALS), timeout=60)

    def work(serial: str, stop: Stop) -> None:
        def heard(event: Event) -> None:
            if together.wait() == 0:
                os.kill(os.getpid(), signal.SIGINT)
            stop.event.wait()

        with open_session(serial, connect=phones[serial].connect, check=stop.check) as session:
            session.run(job(), fake_runner, "hang", on_event=heard)

    with pytest.raises(KeyboardInterrupt):
        on_all(SERIALS, work)
    assert all(phone.stored() for phone in phones.values())

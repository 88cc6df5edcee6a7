"""A user's commands on phones that let them down: one line, the right code, nothing left there."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import product
from pathlib import Path

import pytest

from android_bench.building import Runner
from export.manifest import open_bundle
from mobileinst_deploy.bench.tnn_plan import output_lines
from tests.device.impatience import WAIT_S
from tests.device.phone import Phone, leftovers
from tests.device.proxy import FAULTS, Fault
from tests.device.storage import full_disk, noexec, read_only
from tests.mobileinst_deploy.faulty import (
    MARKERS,
    Commands,
    check_one_line,
    check_second_try,
    play_tnn,
    stored,
    wait_for_questions,
)

LATE = 400_000  # bytes of the first large file of the bundle
SILENT = f"was silent for {WAIT_S:g} s"
BROKE = "the connection to .* broke"
NOT_ADB = "(sent what is not ADB|sent damaged data)"


UNREACHED = {
    "refuse": "nobody listens at",
    "drop_on_connect": "closed the connection at once",
    "garbage": "does not speak ADB",
    "stall_on_connect": f"took the connection and then said nothing for {WAIT_S:g} s",
}
QUICK_ONES = ("refuse", "drop_on_connect", "garbage")


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize(
    ("command", "fault"),
    [
        *product(("bench", "parity", "devices", "doctor"), QUICK_ONES),
        ("bench", "stall_on_connect"),
    ],
)
def test_a_phone_that_is_not_reached(
    commands: Commands, native_phone: Phone, command: str, fault: str
):
    with native_phone.proxy(fault) as serial:
        check_one_line(commands.run(command, serial), 5, UNREACHED[fault])
    assert leftovers(native_phone) == []


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize("command", ["bench", "devices"])
def test_a_key_that_the_phone_does_not_know(commands: Commands, unauthorised: Phone, command: str):
    ran = commands.run(command, unauthorised.serial)
    check_one_line(ran, 5, r"does not accept the key .* \(unauthorised\): unlock the phone")
    assert [*unauthorised.storage.iterdir()] == []


def mid_push(command: str, runner: Runner) -> int:
    """Bytes to the phone until something is stored, and the next large file is on its way."""
    return LATE + (0 if command == "bench tnn" else runner.bytes)


WAYS = {"drop": BROKE, "stall": SILENT, "garbage": NOT_ADB}


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize(
    ("command", "action"),
    [("bench", "drop"), ("bench", "stall"), ("bench tnn", "drop")],
)
def test_a_line_that_breaks_in_a_push(
    commands: Commands, native_phone: Phone, host_runner: Runner, command: str, action: str
):
    tnn_where_wanted(command, native_phone, commands)
    fault = Fault(action, to_phone=mid_push(command, host_runner))
    with native_phone.line(fault) as line:
        check_one_line(commands.run(command, line.serial), 5, WAYS[action])
        assert line.happened.is_set()
    assert stored(native_phone)
    check_second_try(commands, command, native_phone)


def tnn_where_wanted(command: str, phone: Phone, commands: Commands) -> None:
    if command == "bench tnn":
        bundle = open_bundle(commands.bundle)
        play_tnn(phone, {graph: output_lines(bundle, graph) for graph in bundle.manifest.graphs})


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize(
    ("command", "action"),
    [
        ("bench", "drop"),
        ("bench", "stall"),
        ("bench", "garbage"),
        ("parity", "drop"),
        ("bench tnn", "drop"),
    ],
)
def test_a_line_that_breaks_in_a_run(
    commands: Commands, native_phone: Phone, tmp_path: Path, command: str, action: str
):
    tnn_where_wanted(command, native_phone, commands)
    output = ("-o", tmp_path / "result.json") if command != "parity" else ()
    with native_phone.line(Fault(action, marker=MARKERS[command])) as line:
        check_one_line(commands.run(command, line.serial, *output), 5, WAYS[action])
        assert line.happened.is_set()
    assert not (tmp_path / "result.json").exists()
    assert stored(native_phone)
    check_second_try(commands, command, native_phone)


@pytest.mark.parametrize("command", ["devices", "doctor"])
def test_a_line_that_breaks_while_it_is_asked(
    commands: Commands, native_phone: Phone, command: str
):
    with native_phone.proxy(Fault("drop", to_host=1_500)) as serial:
        check_one_line(commands.run(command, serial), 5, BROKE)
    wait_for_questions(native_phone)
    assert leftovers(native_phone) == []


def test_a_phone_that_stays_away(commands: Commands, native_phone: Phone):
    with native_phone.proxy("gone_mid_run") as serial:
        check_one_line(
            commands.run("bench", serial), 5, "may be left in .*; the next run there removes it"
        )
    ran = commands.run("bench", native_phone.serial)
    assert ran.code == 0, ran.err
    assert stored(native_phone)


@pytest.mark.parametrize(
    "fault",
    [Fault(bytes_per_s=8_000_000, segment_bytes=16_384), FAULTS["small_buffers"]],
    ids=["slow", "small buffers"],
)
def test_a_poor_line_is_good_enough(commands: Commands, native_phone: Phone, fault: Fault):
    with native_phone.proxy(fault) as serial:
        ran = commands.run("bench", serial)
    assert ran.code == 0, ran.err
    check_second_try(commands, "bench", native_phone)


def test_few_bytes_at_a_time_are_good_enough(commands: Commands, native_phone: Phone):
    """The bundle is there: it is megabytes."""
    assert commands.run("bench", native_phone.serial).code == 0
    with native_phone.proxy(Fault(segment_bytes=3)) as serial:
        ran = commands.run("bench", serial)
    assert ran.code == 0, ran.err
    assert stored(native_phone)


Faulty = Callable[[Path], AbstractContextManager[None]]
STORAGE = {
    "full": (lambda folder: full_disk(folder, 1000), "is full: .*; make room"),
    "read-only": (read_only, "is read-only; restart"),
    "noexec": (noexec, "lets no program run .*; mount it with exec"),
}


@pytest.mark.parametrize(("fault", "says"), STORAGE.values(), ids=STORAGE)
@pytest.mark.parametrize("command", ["bench", "parity"])
def test_storage_that_can_not_be_used(
    commands: Commands, native_phone: Phone, command: str, fault: Faulty, says: str
):
    with fault(native_phone.storage):
        ran = commands.run(command, native_phone.serial)
        check_one_line(ran, 5, f"the storage {native_phone.storage}/.* {says}")
        stored(native_phone)
    if command == "bench":
        check_second_try(commands, command, native_phone)


@pytest.mark.parametrize("name", STORAGE)
def test_doctor_says_what_is_wrong_with_the_storage(
    commands: Commands, native_phone: Phone, name: str
):
    with STORAGE[name][0](native_phone.storage):
        ran = commands.run("doctor", native_phone.serial)
        assert leftovers(native_phone) == []
    assert (ran.code, ran.err) == (1, "")
    assert ran.out.endswith("this phone is not fit\n")


def test_a_program_that_is_no_program_for_the_phone(commands: Commands, native_phone: Phone):
    """An ARM emulator that is not there."""
    native_phone.set_property("debug.mobileinst.exec_prefix", "no-such-emulator")
    check_one_line(commands.run("bench", native_phone.serial), 5, "can't start .*no-such-emulator")
    assert stored(native_phone)

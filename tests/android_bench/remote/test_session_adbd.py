"""Sessions with Google's adbd, over lines that break. Debian's adb says what is left there."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from android_bench.errors import BenchError, DeviceError, DeviceLostError
from android_bench.remote.job import Job, file_ref
from android_bench.remote.run_log import Event, RunLog, Sample
from android_bench.remote.session import FOLDER, open_session
from tests.android_bench.local_phone import job
from tests.device.impatience import impatient
from tests.device.phone import Phone, leftovers
from tests.device.proxy import Fault
from tests.device.storage import full_disk, noexec, read_only

FILES = f"{FOLDER}/files"
HOSTILE = ["$(touch x)", "$(touch x); \"'", "`touch x`", ";touch x", "a b", "*", "$HOME", "\\n"]


@pytest.fixture
def shell_phone(phone: Phone) -> Phone:
    """Runs scripts, which no emulator goes before."""
    phone.set_property("debug.mobileinst.exec_prefix", "")
    return phone


def large_job() -> Job:
    """Pushed after 400 000 bytes in part."""
    return job(param=file_ref(bytes(2_000_000)))


class Run:
    """What came of a run: its log, and how many bytes it pushed."""

    def __init__(self, phone: Phone, runner: Path, command: str = "bench", **options) -> None:
        self.pushed = 0
        self.said: list[str] = []
        self.phone, self.runner, self.command, self.options = phone, runner, command, options

    def on(self, serial: str) -> RunLog:
        def progress(done: int, total: int) -> None:
            self.pushed = done

        with open_session(serial, self.phone.keys, notify=self.said.append) as session:
            return session.run(
                large_job(), self.runner, self.command, progress=progress, **self.options
            )


def stored(phone: Phone) -> set[str]:
    """The sizes of the complete files of the store; fails where anything else is left."""
    left = {*leftovers(phone)} - {FOLDER, FILES}
    for path in left:
        assert file_ref(phone.storage / path).sha256 == path.removeprefix(f"{FILES}/")
    return left


def size(phone: Phone, paths: set[str]) -> int:
    return sum((phone.storage / path).stat().st_size for path in paths)


def check_second_try(phone: Phone, runner: Path) -> None:
    """Clean already, and it pushes only what is missing."""
    there = stored(phone)
    again = Run(phone, runner)
    again.on(phone.serial)
    assert again.said == []
    assert again.pushed == size(phone, stored(phone) - there)


def test_a_run_and_another_one(shell_phone: Phone, fake_runner: Path):
    first = Run(shell_phone, fake_runner)
    assert first.on(shell_phone.serial).end.elapsed_ns == 2
    assert first.pushed == size(shell_phone, stored(shell_phone))
    check_second_try(shell_phone, fake_runner)


@pytest.mark.parametrize(
    ("fault", "command"),
    [
        ("drop_mid_push", "bench"),
        ("stall_mid_push", "bench"),
        ("drop_mid_run", "long"),
        ("stall_mid_run", "long"),
        ("garbage_mid_run", "long"),
    ],
)
def test_a_line_that_breaks_once(shell_phone: Phone, fake_runner: Path, fault: str, command: str):
    lost = Run(shell_phone, fake_runner, command)
    with (
        impatient(),
        shell_phone.proxy(fault) as serial,
        pytest.raises(DeviceLostError) as raised,
    ):
        lost.on(serial)
    assert len(str(raised.value).splitlines()) == 1
    assert "may be left" not in str(raised.value)
    check_second_try(shell_phone, fake_runner)


@pytest.mark.parametrize(
    "fault",
    [
        *(Fault("drop", to_phone=size) for size in (700, 9_000, 1_000_000, 2_205_000)),
        *(Fault("drop", to_host=size) for size in (1_500, 6_000, 7_500)),
    ],
    ids=lambda fault: f"{fault.to_phone} to the phone, {fault.to_host} to the host",
)
def test_a_line_that_breaks_anywhere(shell_phone: Phone, fake_runner: Path, fault: Fault):
    with shell_phone.proxy(fault) as serial, pytest.raises(DeviceError):
        Run(shell_phone, fake_runner).on(serial)
    wait_for_questions(shell_phone)
    check_second_try(shell_phone, fake_runner)


def wait_for_questions(phone: Phone) -> None:
    """Scripts that only ask, which nobody waits for any more, end by themselves."""
    deadline_s = time.monotonic() + 20
    while phone.processes() and time.monotonic() < deadline_s:
        time.sleep(0.05)


def test_a_phone_that_does_not_come_back(shell_phone: Phone, fake_runner: Path):
    with (
        shell_phone.proxy("gone_mid_run") as serial,
        pytest.raises(DeviceLostError, match=r"may be left in .*; the next run there removes it"),
    ):
        Run(shell_phone, fake_runner, "long").on(serial)
    assert any("/run-" in path for path in leftovers(shell_phone))
    Run(shell_phone, fake_runner).on(shell_phone.serial)
    check_second_try(shell_phone, fake_runner)


@pytest.mark.parametrize("fault", ["slow", "small_buffers"])
def test_a_poor_line_is_good_enough(shell_phone: Phone, fake_runner: Path, fault: str):
    with shell_phone.proxy(fault) as serial:
        Run(shell_phone, fake_runner).on(serial)
    assert len(stored(shell_phone)) == 5


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (lambda folder: full_disk(folder, 1000), "is full: .* bytes are needed, .* are free"),
        (read_only, "is read-only"),
        (noexec, "lets no program run"),
    ],
    ids=["full", "read-only", "noexec"],
)
def test_storage_that_can_not_be_used(
    shell_phone: Phone,
    fake_runner: Path,
    fault: Callable[[Path], AbstractContextManager[None]],
    says: str,
):
    with fault(shell_phone.storage):
        with pytest.raises(DeviceError, match=f"storage {shell_phone.storage}/.* {says}"):
            Run(shell_phone, fake_runner).on(shell_phone.serial)
        stored(shell_phone)
    check_second_try(shell_phone, fake_runner)


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit, ValueError])
def test_a_run_that_is_broken_off(shell_phone: Phone, fake_runner: Path, stop: type[BaseException]):
    def interrupt(event: Event) -> None:
        if isinstance(event, Sample):
            raise stop

    with pytest.raises(stop):
        Run(shell_phone, fake_runner, "long", on_event=interrupt).on(shell_phone.serial)
    check_second_try(shell_phone, fake_runner)


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("KILL", "SIGKILL.*memory"),
        ("ILL", "SIGILL"),
        ("complain", "what a pity"),
        ("quiet", "done"),
    ],
)
def test_a_run_that_fails(shell_phone: Phone, fake_runner: Path, command: str, says: str):
    with pytest.raises(BenchError, match=says):
        Run(shell_phone, fake_runner, command).on(shell_phone.serial)
    check_second_try(shell_phone, fake_runner)


def test_outputs_are_pulled(shell_phone: Phone, fake_runner: Path, tmp_path: Path):
    with open_session(shell_phone.serial, shell_phone.keys, remove_files=True) as session:
        session.run(job(), fake_runner, "dump")
        session.pull("outputs/0.bin", tmp_path / "0.bin")
    assert (tmp_path / "0.bin").read_bytes() == b"abc"
    assert leftovers(shell_phone) == []


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_run_nothing(shell_phone: Phone, fake_runner: Path, name: str):
    with open_session(shell_phone.serial, shell_phone.keys) as session:
        session.run(job(name), fake_runner, "bench", [name])
    assert not any(path.endswith("x") for path in leftovers(shell_phone))
    assert not [*shell_phone.folder.rglob("x")]

"""Ctrl-C in a real process, a phone that dies, and several phones at once."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from android_bench.measurement import results
from android_bench.remote.session import FOLDER
from tests.device.fixtures import PhoneWith
from tests.device.phone import Phone
from tests.device.proxy import Fault
from tests.mobileinst_deploy.faulty import (
    FILES,
    Commands,
    check_one_line,
    check_second_try,
    of_this_machine,
    stored,
)
from tests.mobileinst_deploy.test_stopping import COMMAND, LATEST_S

SLOW = Fault(bytes_per_s=500_000, segment_bytes=16_384)
FOREVER = ("--iterations", "1000000")


@contextmanager
def started(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    # What a shell runs in the background ignores SIGINT, and hands that on.
    heed = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    pipe = subprocess.PIPE
    command = [COMMAND, *map(str, arguments)]
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, preexec_fn=heed) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(phone: Phone, pattern: str, over: Callable[[], bool] = lambda: False) -> None:
    """Until a file is in the phone's storage."""
    deadline_s = time.monotonic() + LATEST_S
    while not list(phone.storage.glob(pattern)):
        assert not over(), "it ended by itself"
        assert time.monotonic() < deadline_s, pattern
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("fault", "pattern"),
    [(SLOW, f"{FILES}/*.part"), (Fault(), f"{FOLDER}/run-*/pid")],
    ids=["in a push", "in a run"],
)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda n: n.name)
def test_ctrl_c(
    commands: Commands,
    native_phone: Phone,
    tmp_path: Path,
    fault: Fault,
    pattern: str,
    number: signal.Signals,
):
    output = tmp_path / "result.json"
    with native_phone.proxy(fault) as serial:
        arguments = (*commands.arguments("bench", serial), *FOREVER, "-o", output)
        with started(*arguments) as process:
            wait_for(native_phone, pattern, lambda: process.poll() is not None)
            process.send_signal(number)
            out, err = process.communicate(timeout=LATEST_S)
    assert (process.returncode, out) == (128 + number, "")
    assert err == "Interrupted: nothing is left half written.\n"
    assert not output.exists()
    check_second_try(commands, "bench", native_phone)


def test_a_phone_that_dies(commands: Commands, phone_with: PhoneWith):
    phone = phone_with()
    of_this_machine(phone)

    def kill() -> None:
        wait_for(phone, f"{FOLDER}/run-*/pid")
        os.kill(phone.pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    ran = commands.run("bench", phone.serial, *FOREVER)
    killer.join()
    check_one_line(ran, 5, f"may be left in {phone.storage}/{FOLDER} .*next run there removes it")


def saved_at(folder: Path, serial: str) -> Path:
    return folder / f"result-{serial.replace(':', '_')}.json"


def test_two_phones_have_results_of_their_own(
    commands: Commands, native_phone: Phone, phone_with: PhoneWith, tmp_path: Path
):
    other = phone_with()
    of_this_machine(other)
    phones = (native_phone, other)
    ran = commands.run(
        "bench", native_phone.serial, "--serial", other.serial, "-o", tmp_path / "result.json",
        "--format", "json",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    found = [results.load(saved_at(tmp_path, phone.serial)) for phone in phones]
    assert [result.device.serial for result in found] == [phone.serial for phone in phones]
    assert [result["conditions"]["device"] for result in json.loads(ran.out)] == [
        phone.serial for phone in phones
    ]
    assert all(stored(phone) for phone in phones)


@pytest.mark.parametrize("fault", ["refuse", "drop_mid_push", "drop_mid_run"])
def test_one_that_fails_does_not_lose_the_other(
    commands: Commands, native_phone: Phone, phone_with: PhoneWith, tmp_path: Path, fault: str
):
    other = phone_with()
    of_this_machine(other)
    with other.proxy(fault) as serial:
        ran = commands.run(
            "bench", native_phone.serial, "--serial", serial, "-o", tmp_path / "result.json"
        )
    saved = saved_at(tmp_path, native_phone.serial)
    assert ran.code == 5
    assert re.fullmatch(rf"Saved {saved}\nError: {serial}: [^\n]+\n", ran.err), ran.err
    assert [*tmp_path.glob("*.json")] == [saved]
    assert results.load(saved).device.serial == native_phone.serial
    assert stored(native_phone)
    stored(other)


def test_the_same_phone_twice(commands: Commands, native_phone: Phone):
    ran = commands.run("bench", native_phone.serial, "--serial", native_phone.serial)
    check_one_line(ran, 2, "a serial is there twice")


def test_the_same_phone_by_two_names(commands: Commands, native_phone: Phone):
    """Neither is measured beside the other; as they start together, both may give way."""
    with native_phone.proxy(Fault()) as serial:
        ran = commands.run("bench", native_phone.serial, "--serial", serial)
    assert ran.code == 5
    assert re.fullmatch(r"(Error: [\d.:]+: [^\n]+\n){1,2}", ran.err), ran.err
    stored(native_phone)


HOLD = """
import sys
from android_bench.remote.locks import device_lock
with device_lock(sys.argv[1]):
    print("locked", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("command", ["bench", "parity"])
def test_a_phone_that_another_process_has(commands: Commands, native_phone: Phone, command: str):
    pipe = subprocess.PIPE
    arguments = [sys.executable, "-c", HOLD, native_phone.serial]
    with subprocess.Popen(arguments, stdin=pipe, stdout=pipe, text=True) as holder:
        holder.stdout.readline()
        ran = commands.run(command, native_phone.serial)
        holder.communicate()
    check_one_line(ran, 5, f"is in use by process {holder.pid} of this machine; wait")
    assert [*native_phone.storage.iterdir()] == []

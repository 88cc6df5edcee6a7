"""Commands on a played phone whose line, storage or owner lets them down.

The phone is of this machine's architecture, so that the native runner runs there at its own speed.
"""

import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from android_bench.building import Runner
from android_bench.remote.session import FOLDER
from export.manifest import digest
from tests.command import Ran, run
from tests.device.impatience import impatient
from tests.device.phone import Phone, leftovers
from tests.elf_files import elf
from tests.fake_tnn_test import write_fake

FILES = f"{FOLDER}/files"
SAMPLE, LOADED, OUT = b'"event":"sample"', b'"event":"loaded"', b"TNN Benchmark time cost"
MARKERS = {"bench": SAMPLE, "parity": LOADED, "bench tnn": OUT}  # of a run that is under way
QUESTIONS_S = 60
QUICK = ("--graphs", "fold", "--warmup", "0", "--iterations", "2")


@dataclass(frozen=True)
class Commands:
    """By the names of `MARKERS`; all but the last two work on a bundle's files."""

    bundle: Path
    keys: Path
    program: Path  # what is pushed as TNNTest

    def arguments(self, name: str, serial: str) -> list[str]:
        tnn = ("--tnn-test", str(self.program), "--tnn-runs", "1", "--tnn-warmup-runs", "0")
        options = {
            "bench": ("bench", str(self.bundle), *QUICK),
            "bench tnn": ("bench", str(self.bundle), *QUICK, *tnn),
            "parity": ("parity", str(self.bundle), "--precisions", "fp32", "--frames", "1"),
            "devices": ("devices",),
            "doctor": ("doctor",),
        }
        return [*options[name], "--serial", serial, "--keys", str(self.keys)]

    def run(self, name: str, serial: str, *more: object) -> Ran:
        return run(*self.arguments(name, serial), *more)


@pytest.fixture
def native_phone(lasting_phone: Phone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Phone:
    """With nothing in its storage, for a user whom it has not met."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    of_this_machine(lasting_phone)
    empty(lasting_phone)
    return lasting_phone


@pytest.fixture
def commands(phone_keys: Path, phone_bundle: Path, host_runner: Runner, tmp_path: Path) -> Commands:
    program = tmp_path / "TNNTest"
    program.write_bytes(elf())
    return Commands(phone_bundle, phone_keys, program)


@pytest.fixture
def hurry() -> Iterator[None]:
    with impatient():
        yield


def of_this_machine(phone: Phone) -> None:
    phone.set_property("ro.product.cpu.abi", "x86_64")
    phone.set_property("debug.mobileinst.exec_prefix", "")


def play_tnn(phone: Phone, lines: dict[str, int]) -> None:
    """Whatever is pushed as TNNTest: the phone's emulator runs a script in its place."""
    script = write_fake(phone.folder / "TNNTest.sh", lines)
    emulator = phone.answers / "emulator"
    emulator.write_text(f'#!/bin/mksh\nshift\nexec sh {script} "$@"\n')
    emulator.chmod(0o755)
    phone.set_property("debug.mobileinst.exec_prefix", "emulator")


def empty(phone: Phone) -> None:
    for path in phone.storage.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def stored(phone: Phone) -> dict[str, int]:
    """The complete files of the store and their inodes; fails where anything else is left."""
    left = {*leftovers(phone)} - {FOLDER, FILES}
    for path in left:
        assert digest(phone.storage / path) == path.removeprefix(f"{FILES}/")
    return {path: (phone.storage / path).stat().st_ino for path in left}


def wait_for_questions(phone: Phone) -> None:
    """Scripts that only ask end by themselves when nobody waits for them any more."""
    deadline_s = time.monotonic() + QUESTIONS_S
    while phone.processes() and time.monotonic() < deadline_s:
        time.sleep(0.05)


def check_one_line(ran: Ran, code: int, says: str) -> None:
    """An error that a user can act on, and nothing else."""
    assert ran.code == code, ran.err
    assert ran.out == ""
    assert re.fullmatch(r"(Error: )?[^\n]+\n", ran.err), ran.err
    assert re.search(says, ran.err), ran.err


def check_second_try(commands: Commands, name: str, phone: Phone) -> None:
    """It succeeds, and what was complete in the store is not pushed again: it is the same file."""
    before = stored(phone)
    ran = commands.run(name, phone.serial)
    assert ran.code == 0, ran.err
    after = stored(phone)
    kept = before.keys() & after.keys()
    assert {path: before[path] for path in kept} == {path: after[path] for path in kept}
    assert bool(kept) == bool(before)

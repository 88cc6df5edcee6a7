"""The played phone, seen by Debian's own adb client: it is what the other tests take it for."""

import hashlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.device import sysfs
from tests.device.fixtures import PhoneWith
from tests.device.hello import aarch64_program
from tests.device.phone import Phone, leftovers
from tests.device.processes import kill_marked, marked
from tests.device.storage import full_disk, noexec, read_only

LATEST_S = 60.0


@pytest.mark.parametrize("size", [0, 1, 65_536, 3_000_001])
def test_files_there_and_back(lasting_phone: Phone, tmp_path: Path, size: int):
    there, back = lasting_phone.storage / "it's a file", tmp_path / "back"
    (tmp_path / "sent").write_bytes(os.urandom(size))
    lasting_phone.adb("push", tmp_path / "sent", there)
    lasting_phone.adb("pull", there, back)
    there.unlink()
    assert back.read_bytes() == (tmp_path / "sent").read_bytes()


@pytest.mark.parametrize(
    ("command", "code", "out", "err"),
    [
        ("true", 0, "", ""),
        ("echo out; echo err >&2; exit 7", 7, "out\n", "err\n"),
        ("nosuch", 127, "", "E: /bin/mksh: nosuch: inaccessible or not found\n"),
        ("kill -9 $$", 137, "", ""),
        ("python3 -V 2>/dev/null", 127, "", ""),  # what a phone doesn't have
        ("sh -c 'echo ${KSH_VERSION%% *}'", 0, "@(#)MIRBSD\n", ""),
    ],
)
def test_shell(lasting_phone: Phone, command: str, code: int, out: str, err: str):
    ran = lasting_phone.witness.run(lasting_phone.serial, "shell", command)
    assert (ran.returncode, ran.stdout, ran.stderr) == (code, out, err)


@pytest.mark.parametrize(
    ("command", "pattern"),
    [
        ("getprop ro.soc.model", "SM7325\n"),
        ("getprop nosuch", "\n"),
        ("getprop nosuch other", "other\n"),
        ("getprop | grep -c ':'", r"1\d\n"),
        ("dumpsys battery | grep temperature", "  temperature: 287\n"),
        ("dumpsys nosuch", ""),
        ("uname -sr", "Linux 5.4.210-.*\n"),
        ("uname -m", "aarch64\n"),
        ("cat /proc/cpuinfo | grep -c asimddp", "8\n"),
        ("cat /proc/self/comm", "toybox\n|cat\n"),
        ("getconf PAGE_SIZE", "4096\n"),
    ],
)
def test_answers(lasting_phone: Phone, command: str, pattern: str):
    assert re.fullmatch(pattern, lasting_phone.adb("shell", command))


def test_a_property_can_be_changed(phone: Phone):
    phone.set_property("ro.soc.model", "other [one]: $HOME")
    assert phone.adb("shell", "getprop ro.soc.model") == "other [one]: $HOME\n"


def test_commands_are_toyboxs(lasting_phone: Phone):
    said = lasting_phone.adb("shell", "sha256sum --version; stat --version; taskset --version")
    assert re.fullmatch(r"(toybox [\d.]+\n){3}", said)


def test_an_aarch64_program_by_the_exec_prefix(lasting_phone: Phone, tmp_path: Path):
    (tmp_path / "hello").write_bytes(aarch64_program(b"hello\n", 3))
    (tmp_path / "hello").chmod(0o755)
    there = lasting_phone.storage / "hello"
    lasting_phone.adb("push", tmp_path / "hello", there)
    prefix = lasting_phone.adb("shell", "getprop debug.mobileinst.exec_prefix").strip()
    shell = lasting_phone.witness.run(lasting_phone.serial, "shell", f"{prefix} {there}")
    there.unlink()
    assert (shell.returncode, shell.stdout) == (3, "hello\n")


def test_an_unknown_key_is_refused(unauthorised: Phone):
    said = unauthorised.witness.call("connect", unauthorised.serial).stdout
    assert said == f"failed to authenticate to {unauthorised.serial}\n"


def test_it_listens_on_loopback_only(phone: Phone):
    process = Path(f"/proc/{phone.pid}")
    opened = {os.readlink(path) for path in (process / "fd").iterdir()}
    rows = [
        row.split()
        for name in ("tcp", "tcp6")
        for row in (process / "net" / name).read_text().splitlines()
    ]
    listening = [row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in opened]
    assert listening == [f"0100007F:{phone.port:04X}"]


def test_several_phones_at_once(phone_with: PhoneWith):
    phones = [phone_with(properties={"ro.product.model": name}) for name in ("one", "two")]
    models = [phone.adb("shell", "getprop ro.product.model") for phone in phones]
    assert models == ["one\n", "two\n"]
    assert len({phone.serial for phone in phones}) == 2


def test_leftovers_are_files_and_processes(phone: Phone):
    assert leftovers(phone) == []
    (phone.storage / "folder").mkdir()
    (phone.storage / "folder" / ".hidden").touch()
    phone.adb("shell", "sleep 1000 >/dev/null 2>&1 &")
    assert leftovers(phone) == ["folder", "folder/.hidden", "sleep 1000"]


def test_a_phone_for_parsers_has_all_cores(phone_with: PhoneWith):
    folder = phone_with(cores=8).sysfs / sysfs.CPU
    maxima = [int((folder / f"cpu{n}/cpufreq/cpuinfo_max_freq").read_text()) for n in range(8)]
    assert maxima == [1_958_400] * 4 + [2_208_000] * 3 + [2_400_000]


@pytest.mark.parametrize("online", [1, 2, 4, 8, 12])
def test_the_last_core_online_is_prime(tmp_path: Path, online: int):
    sysfs.write_sysfs(tmp_path, online)
    capacities = {
        int(path.parent.name.removeprefix("cpu")): int(path.read_text())
        for path in (tmp_path / sysfs.CPU).glob("cpu*/cpu_capacity")
    }
    assert max(capacities, key=lambda core: capacities[core]) == online - 1
    clocks = (tmp_path / sysfs.CPU).glob("cpu*/cpufreq")
    assert {path.parent.name for path in clocks} == {f"cpu{n}" for n in range(online)}
    assert sorted(capacities) == list(range(max(8, online)))


def test_it_can_throttle(phone: Phone):
    sysfs.throttle(phone.sysfs, 0, 600_000)
    sysfs.set_celsius(phone.sysfs, 71.5)
    files = "devices/system/cpu/cpu0/cpufreq/scaling_max_freq class/thermal/thermal_zone0/temp"
    assert phone.adb("shell", f"cd {phone.sysfs} && cat {files}") == "600000\n71500\n"


def test_a_full_disk(phone: Phone, tmp_path: Path):
    (tmp_path / "big").write_bytes(bytes(200_000))
    with full_disk(phone.storage, kib=100):
        ran = phone.witness.run(phone.serial, "push", tmp_path / "big", phone.storage / "big")
    assert ran.returncode == 1
    assert "No space left on device" in ran.stdout
    assert list(phone.storage.iterdir()) == []


def test_read_only_storage(phone: Phone, tmp_path: Path):
    (tmp_path / "small").write_text("a")
    with read_only(phone.storage):
        ran = phone.witness.run(phone.serial, "push", tmp_path / "small", phone.storage / "small")
    assert ran.returncode == 1
    assert "Read-only file system" in ran.stdout


def test_noexec_storage(phone: Phone):
    script = phone.storage / "script"
    script.write_text("#!/bin/mksh\necho run\n")
    script.chmod(0o755)
    assert phone.adb("shell", str(script)) == "run\n"
    with noexec(phone.storage):
        ran = phone.witness.run(phone.serial, "shell", str(script))
    assert ran.returncode == 126


def test_a_push_that_breaks_off_and_the_next_one(phone: Phone, tmp_path: Path):
    (tmp_path / "big").write_bytes(os.urandom(2_000_000))
    there = phone.storage / "big"
    with phone.line("drop_mid_push") as line:
        broken = phone.witness.run(line.serial, "push", tmp_path / "big", there)
        assert (broken.returncode, line.happened.is_set()) == (1, True)
        phone.witness.call("disconnect", line.serial)
        phone.witness.ask(line.serial, "push", tmp_path / "big", there)
    assert digest(there) == digest(tmp_path / "big")
    assert phone.adb("shell", f"sha256sum {there}") == f"{digest(there)}  {there}\n"


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


PLAY = """
import signal, sys, time
from pathlib import Path
from tests.device.adbd import played_phone
signal.signal(signal.SIGINT, signal.default_int_handler)
with played_phone(Path(sys.argv[1]), Path(sys.argv[2])) as phone:
    phone.adb("shell", "sleep 1000 >/dev/null 2>&1 &")
    print(phone.port, flush=True)
    time.sleep(1000)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=lambda n: n.name)
def test_it_ends_with_its_tests(phone_keys: Path, tmp_path: Path, number: signal.Signals):
    """Only SIGKILL leaves what the phone's shell began, and no server even then."""
    command = [sys.executable, "-c", PLAY, str(tmp_path), str(phone_keys)]
    quiet = {"stderr": subprocess.DEVNULL, "env": {**os.environ, "TMPDIR": str(tmp_path)}}
    with subprocess.Popen(command, stdout=subprocess.PIPE, **quiet) as process:
        assert process.stdout is not None
        phone_port = int(process.stdout.readline())
        process.send_signal(number)
    left = {signal.SIGINT: [], signal.SIGKILL: [("sleep", "1000")]}[number]
    try:
        assert eventually(lambda: [one.command for one in marked(str(tmp_path))] == left)
    finally:
        kill_marked(str(tmp_path))
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", phone_port))


def eventually(holds: Callable[[], bool]) -> bool:
    deadline_s = time.monotonic() + LATEST_S
    while not holds() and time.monotonic() < deadline_s:
        time.sleep(0.05)
    return holds()

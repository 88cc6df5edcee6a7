"""One process at a time on a device."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from android_bench.errors import DeviceError
from android_bench.remote.locks import device_lock, host_token, lock_path

HOLD = """
import sys
from android_bench.remote.locks import device_lock
with device_lock(sys.argv[1]):
    print(flush=True)
    input()
"""
HOSTILE = [
    "../../x",
    "/etc/passwd",
    "..",
    ".",
    "",
    "a/b",
    "a\nb",
    ";rm -rf ~",
    "x" * 5000,
    "\udc80",
]


def test_a_second_one_is_told_who_the_first_is():
    with (
        device_lock("phone"),
        pytest.raises(DeviceError, match=f"^phone is in use by process {os.getpid()} of this"),
        device_lock("phone"),
    ):
        pass
    with device_lock("phone"), device_lock("another"):
        pass


def test_another_process_holds_it_until_it_ends():
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", HOLD, "phone"]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as other:
        assert other.stdout.readline()
        with pytest.raises(DeviceError, match=f"process {other.pid} "), device_lock("phone"):
            pass
        other.kill()
        other.wait()
        with device_lock("phone"):
            pass


@pytest.mark.parametrize("serial", HOSTILE, ids=lambda serial: ascii(serial[:20]))
def test_no_serial_leads_out_of_the_folder(cache: Path, serial: str):
    with device_lock(serial):
        assert [path.parent for path in cache.rglob("*.lock")] == [cache / "locks"]
    assert lock_path(serial).parent == cache / "locks"


def test_each_serial_has_a_lock_of_its_own():
    assert len({lock_path(serial) for serial in HOSTILE}) == len(HOSTILE)


def test_the_hosts_token_stays(cache: Path):
    token = host_token()
    assert host_token() == token
    (cache / "host-token").write_text("../../x\n")
    assert host_token() not in (token, "../../x")


@pytest.mark.parametrize("made", ["cache", "cache/mobileinst-deploy/locks"])
def test_a_cache_that_can_not_be_made(tmp_path: Path, made: str):
    (tmp_path / made).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / made).write_text("?")
    with pytest.raises(DeviceError, match=r"can't use .*XDG_CACHE_HOME"), device_lock("phone"):
        pass


def test_a_relative_cache_folder_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert lock_path("x").parent == tmp_path / "home/.cache/mobileinst-deploy/locks"

"""Storage that has no room, may not be written, or lets nothing run: each told in a line."""

import hashlib
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from android_bench.errors import BenchError, DeviceError
from android_bench.remote import store
from android_bench.remote.job import FileRef, file_ref
from android_bench.remote.session import open_session
from android_bench.transport.base import ShellResult
from android_bench.transport.memory import MemoryTransport
from tests.android_bench.local_phone import LocalPhone, android_tools, job
from tests.device.storage import full_disk, noexec, read_only

Fault = Callable[[Path], AbstractContextManager[None]]


def run(phone: LocalPhone, runner: Path) -> None:
    with open_session("local", connect=phone.connect) as session:
        session.run(job(), runner, "bench")


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (lambda folder: full_disk(folder, 64), r"is full: \d{7} bytes are needed, \d+ are free; m"),
        (read_only, "is read-only; restart the device"),
        (noexec, "lets no program run .*noexec"),
    ],
    ids=["full", "read-only", "noexec"],
)
def test_storage_that_can_not_be_used(
    any_phone: LocalPhone, fake_runner: Path, fault: Fault, says: str
):
    with (
        fault(any_phone.storage),
        pytest.raises(DeviceError, match=f"the storage {any_phone.root} of local {says}") as raised,
    ):
        run(any_phone, fake_runner)
    assert len(str(raised.value).splitlines()) == 1


def test_a_full_disk_is_noticed_before_anything_is_pushed(any_phone: LocalPhone, fake_runner: Path):
    with full_disk(any_phone.storage, 64), pytest.raises(DeviceError):
        run(any_phone, fake_runner)
    assert any_phone.pushed == []


def test_what_could_be_pushed_stays_when_programs_can_not_run(
    local_phone: LocalPhone, fake_runner: Path
):
    with noexec(local_phone.storage), pytest.raises(DeviceError):
        run(local_phone, fake_runner)
    assert local_phone.stored() >= {file_ref(fake_runner).sha256}
    local_phone.pushed.clear()
    run(local_phone, fake_runner)
    assert local_phone.pushed == []


@pytest.mark.parametrize("tools", ["posix", "android"])
def test_a_disk_that_fills_up_meanwhile(
    local_phone: LocalPhone, fake_runner: Path, monkeypatch: pytest.MonkeyPatch, tools: str
):
    """The device says that there is room, which others then take."""
    if tools == "android":
        android_tools(local_phone.tools)
    monkeypatch.setattr(store, "MARGIN", 0)
    for tool in ("stat", "df"):
        local_phone.tool(tool, "exit 1")
    with full_disk(local_phone.storage, 100):
        with pytest.raises(DeviceError, match="is full: 200000 bytes are needed, an unknown"):
            run(local_phone, fake_runner)
        there = local_phone.stored()
        assert there
        assert job().files[1].sha256 not in there


def test_a_file_in_the_way(any_phone: LocalPhone, fake_runner: Path):
    any_phone.root.write_text("?")
    with pytest.raises(DeviceError, match="there is a file of that name; remove it"):
        run(any_phone, fake_runner)
    assert any_phone.root.read_text() == "?"


def test_a_runner_for_another_machine(any_phone: LocalPhone, fake_runner: Path):
    fake_runner.write_text("#!/nosuch/interpreter\n")
    with pytest.raises(
        DeviceError, match=r"local can't start ./mobileinst-runner: .*; is it built"
    ):
        run(any_phone, fake_runner)
    assert any_phone.stored()


def test_a_prefix_that_is_missing(any_phone: LocalPhone, fake_runner: Path):
    any_phone.answer("debug.mobileinst.exec_prefix", "nosuch-qemu -cpu max")
    with pytest.raises(DeviceError, match=r"can't start .*nosuch-qemu"):
        run(any_phone, fake_runner)


def test_the_prefix_goes_before_the_runner(any_phone: LocalPhone, fake_runner: Path):
    any_phone.tool("emulate", 'echo "$@" >&2; shift; exec "$@"')
    any_phone.answer("debug.mobileinst.exec_prefix", "emulate fast")
    run(any_phone, fake_runner)
    assert any_phone.stored()


def test_a_device_that_can_not_hash(local_phone: LocalPhone, fake_runner: Path):
    """Everything is pushed each time, and the runner, which hashes itself, has the last word."""
    tools = ("cat", "chmod", "env", "getconf", "grep", "ln", "mkdir", "mv", "rm", "sed", "uname")
    for tool in (*tools, "sh", "sleep", "wc", "df", "stat"):
        (local_phone.tools / tool).symlink_to(Path("/usr/bin") / tool)
    local_phone.only_tools = True
    fake_runner.write_text("#!/bin/sh\nPATH=/usr/bin\n" + fake_runner.read_text())
    for _ in range(2):
        local_phone.pushed.clear()
        run(local_phone, fake_runner)
        assert len(local_phone.pushed) == 5


def test_a_file_that_changes_while_it_is_pushed(local_phone: LocalPhone, tmp_path: Path):
    path = tmp_path / "x"
    path.write_bytes(b"old")
    ref = file_ref(path)
    path.write_bytes(b"new")
    transport = local_phone.connect("local")
    assert store.present(transport, str(local_phone.root)) == set()
    with pytest.raises(DeviceError, match=f"{path} did not arrive on local as it was sent"):
        store.upload(transport, str(local_phone.root), [ref])
    assert store.present(transport, str(local_phone.root)) == local_phone.stored() == set()


def test_a_file_that_is_gone(local_phone: LocalPhone, tmp_path: Path):
    ref = FileRef("0" * 64, 3, tmp_path / "gone")
    transport = local_phone.connect("local")
    store.present(transport, str(local_phone.root))
    with pytest.raises(BenchError, match=r"can't read .*gone: No such file"):
        store.upload(transport, str(local_phone.root), [ref])


def test_the_store_is_for_its_owner_alone(local_phone: LocalPhone, fake_runner: Path):
    before = os.umask(0)
    try:
        run(local_phone, fake_runner)
    finally:
        os.umask(before)
    there = (local_phone.root, *local_phone.root.rglob("*"))
    assert {path.stat().st_mode & 0o077 for path in there} == {0}


def test_many_files_are_removed_in_several_commands():
    names = {hashlib.sha256(bytes([n])).hexdigest() for n in range(100)}
    transport = MemoryTransport(lambda arguments: "")
    kept = FileRef(min(names), 0, b"")
    store.keep_only(transport, "/root", names, [kept])
    removed = [name for command in transport.commands for name in command[5:]]
    assert sorted(removed) == sorted(names - {min(names)})
    assert max(map(len, transport.commands)) <= 5 + store.BATCH


@pytest.mark.parametrize(
    ("said", "free"),
    [
        ("100 4096\n", 409_600),
        ("Filesystem 1K-blocks Used Available Use% Mounted on\n/dev/a 9 5 4 55% /data\n", 4096),
        ("Filesystem 1024-blocks\n/dev/block/dm-3\n 9 5 4 55% /data\n", 4096),
        ("/data: 1G total, 1K used", None),
        ("", None),
    ],
)
def test_free_space_as_devices_say_it(said: str, free: int | None):
    assert store.free_bytes(MemoryTransport(lambda _: ShellResult(said, "", 0)), "/data") == free

"""Runs on a phone that is a folder: real processes, real files, and nothing of them afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from android_bench.errors import BenchError, DeviceError, DeviceLostError
from android_bench.remote.job import file_ref
from android_bench.remote.run_log import Event, File, RunLog
from android_bench.remote.session import Session, open_session
from tests.android_bench.local_phone import (
    RUNNER,
    LocalPhone,
    job,
)

FILES = {file.sha256 for file in job().files}


@contextmanager
def session(phone: LocalPhone, **options: object) -> Iterator[Session]:
    with open_session("local", connect=phone.connect, notify=refuse, **options) as opened:
        yield opened


def refuse(line: str) -> None:
    raise AssertionError(line)


def run(phone: LocalPhone, runner: Path, command: str = "bench", **options: object) -> RunLog:
    with session(phone, **options) as opened:
        return opened.run(job(), runner, command)


def test_a_run_streams_its_events_and_leaves_its_files_alone(
    any_phone: LocalPhone, fake_runner: Path
):
    seen: list[Event] = []
    with session(any_phone) as opened:
        log = opened.run(job(), fake_runner, "bench", on_event=seen.append)
    assert tuple(seen) == log.events
    assert {event.sha256 for event in log.of(File)} == FILES
    assert any_phone.stored() == FILES | {file_ref(fake_runner).sha256, *any_phone.pushed}


def test_a_second_run_pushes_nothing(any_phone: LocalPhone, fake_runner: Path):
    run(any_phone, fake_runner)
    any_phone.pushed.clear()
    run(any_phone, fake_runner)
    assert any_phone.pushed == []


def test_only_what_changed_is_pushed_and_what_is_not_needed_goes(
    any_phone: LocalPhone, fake_runner: Path
):
    run(any_phone, fake_runner)
    old, _ = file_ref(fake_runner).sha256, any_phone.pushed.clear()
    fake_runner.write_text(RUNNER + "# newer\n")
    run(any_phone, fake_runner)
    assert any_phone.pushed == [file_ref(fake_runner).sha256]
    assert old not in any_phone.stored()


def test_names_in_the_store_are_not_trusted(any_phone: LocalPhone, fake_runner: Path):
    run(any_phone, fake_runner)
    weights = job().files[1].sha256
    stored = any_phone.root / "files" / weights
    stored.write_bytes(b"W" + stored.read_bytes()[1:])
    for name in ("a b", "$(touch x)", "-rf", ".hidden", "f" * 64, "x.part"):
        (any_phone.root / "files" / name).write_text("?")
    (any_phone.root / "files" / ("e" * 64)).mkdir()
    (any_phone.root / "files" / ("d" * 64)).symlink_to(fake_runner)
    any_phone.pushed.clear()
    run(any_phone, fake_runner)
    assert any_phone.pushed == [weights]
    assert any_phone.stored() >= FILES


def test_all_files_can_be_removed(any_phone: LocalPhone, fake_runner: Path):
    run(any_phone, fake_runner, remove_files=True)
    assert [*any_phone.storage.iterdir()] == []
    with session(any_phone, remove_files=True):
        pass
    assert [*any_phone.storage.iterdir()] == []


def test_outputs_are_pulled_before_they_go(
    any_phone: LocalPhone, fake_runner: Path, tmp_path: Path
):
    with session(any_phone) as opened:
        opened.run(job(), fake_runner, "dump")
        opened.pull("outputs/0.bin", tmp_path / "0.bin")
        for name in ("../files/x", "/etc/passwd", "", ".", "..", "a/../../b"):
            with pytest.raises(DeviceError, match="is no file of a run"):
                opened.pull(name, tmp_path / "other")
    assert (tmp_path / "0.bin").read_bytes() == b"abc"
    assert not (tmp_path / "other").exists()
    any_phone.stored()


@pytest.mark.parametrize(
    ("command", "kind", "says"),
    [
        ("core", DeviceError, "the runner on local: core 9 can't be had"),
        ("load", BenchError, "the runner on local: a file is broken"),
        ("quiet", BenchError, "stopped without .* the last one is 'loaded'"),
        ("babble", BenchError, "no event .*WARNING: linker"),
        ("complain", BenchError, "exit status 4: what a pity"),
        ("KILL", BenchError, "SIGKILL.*most likely for memory"),
        ("ILL", BenchError, "SIGILL.*build the runner"),
        ("SEGV", BenchError, "SIGSEGV"),
    ],
)
def test_a_run_that_fails(
    any_phone: LocalPhone, fake_runner: Path, command: str, kind: type, says: str
):
    with pytest.raises(BenchError, match=says) as raised:
        run(any_phone, fake_runner, command)
    assert type(raised.value) is kind
    assert len(str(raised.value).splitlines()) == 1
    assert any_phone.stored() >= FILES


def test_a_silent_run_is_lost_and_cleaned(any_phone: LocalPhone, fake_runner: Path):
    with pytest.raises(DeviceLostError, match="silent"), session(any_phone) as opened:
        opened.run(job(), fake_runner, "hang", silence_s=0.5)
    assert any_phone.connected == 2
    assert any_phone.stored() >= FILES


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_an_interrupted_run_is_cleaned(
    any_phone: LocalPhone, fake_runner: Path, stop: type[BaseException]
):
    def interrupt(event: Event) -> None:
        if isinstance(event, File):
            raise stop

    with pytest.raises(stop), session(any_phone) as opened:
        opened.run(job(), fake_runner, "hang", on_event=interrupt)
    assert any_phone.stored() >= FILES


def test_an_interrupted_upload_is_cleaned(any_phone: LocalPhone, fake_runner: Path):
    def interrupt(done: int, total: int) -> None:
        if done > 100_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), session(any_phone) as opened:
        opened.run(job(), fake_runner, "bench", progress=interrupt)
    pushed = any_phone.stored()
    assert pushed
    assert job().files[1].sha256 not in pushed
    any_phone.pushed.clear()
    run(any_phone, fake_runner)
    assert {*any_phone.pushed}.isdisjoint(pushed)


def test_progress_is_of_all_files(any_phone: LocalPhone, fake_runner: Path):
    seen: list[tuple[int, int]] = []
    with session(any_phone) as opened:
        opened.run(job(), fake_runner, "bench", progress=lambda *step: seen.append(step))
    sizes = sum(path.stat().st_size for path in (any_phone.root / "files").iterdir())
    assert seen[-1] == (sizes, sizes)
    assert seen == sorted(seen)


def test_any_program_with_its_files_by_name(any_phone: LocalPhone):
    script, library = (
        file_ref(b'#!/bin/sh\ncat "$LIBRARY"; echo "$@"; exit 7\n'),
        file_ref(b"lib\n"),
    )
    lines: list[str] = []
    with session(any_phone) as opened:
        result = opened.run_program(
            {"tool.sh": script, "lib++.so": library},
            ("./tool.sh", "$HOME", "a b"),
            env={"LIBRARY": "./lib++.so"},
            on_line=lines.append,
        )
    assert (result.code, lines) == (7, ["lib", "$HOME a b"])
    assert any_phone.stored() == {script.sha256, library.sha256}


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "-rf", "a b", "$(touch x)", "a\nb"])
def test_a_name_that_no_file_may_have(any_phone: LocalPhone, name: str):
    with pytest.raises(BenchError, match="is no name for a file"), session(any_phone) as opened:
        opened.run_program({name: file_ref(b"x")}, ("true",))
    any_phone.stored()

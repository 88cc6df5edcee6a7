"""Runs on a phone that is a folder: real processes, real files, and nothing of them afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from android_bench.errors import BenchError, DeviceError, DeviceLostError
from android_bench.job import file_ref
from android_bench.run_log import Event, File, RunLog
from android_bench.session import Session, open_session
from tests.android_bench.local_phone import (
    RUNNER,
    LocalPhone,
    android_tools,
    job,
)

FILES = {file.sha256 for file in job().files}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture(params=["this machine's tools", "android's tools"])
def phone(tmp_path: Path, request: pytest.FixtureRequest) -> LocalPhone:
    made = LocalPhone(tmp_path / "phone")
    if request.param == "android's tools":
        android_tools(made.tools)
    return made


@pytest.fixture
def runner(tmp_path: Path) -> Path:
    path = tmp_path / "runner"
    path.write_text(RUNNER)
    return path


@contextmanager
def session(phone: LocalPhone, **options: object) -> Iterator[Session]:
    with open_session("local", connect=phone.connect, notify=refuse, **options) as opened:
        yield opened


def refuse(line: str) -> None:
    raise AssertionError(line)


def run(phone: LocalPhone, runner: Path, command: str = "bench", **options: object) -> RunLog:
    with session(phone, **options) as opened:
        return opened.run(job(), runner, command)


def test_a_run_streams_its_events_and_leaves_its_files_alone(phone: LocalPhone, runner: Path):
    seen: list[Event] = []
    with session(phone) as opened:
        log = opened.run(job(), runner, "bench", on_event=seen.append)
    assert tuple(seen) == log.events
    assert {event.sha256 for event in log.of(File)} == FILES
    assert phone.stored() == FILES | {file_ref(runner).sha256, *phone.pushed}


def test_a_second_run_pushes_nothing(phone: LocalPhone, runner: Path):
    run(phone, runner)
    phone.pushed.clear()
    run(phone, runner)
    assert phone.pushed == []


def test_only_what_changed_is_pushed_and_what_is_not_needed_goes(phone: LocalPhone, runner: Path):
    run(phone, runner)
    old, _ = file_ref(runner).sha256, phone.pushed.clear()
    runner.write_text(RUNNER + "# newer\n")
    run(phone, runner)
    assert phone.pushed == [file_ref(runner).sha256]
    assert old not in phone.stored()


def test_names_in_the_store_are_not_trusted(phone: LocalPhone, runner: Path):
    run(phone, runner)
    weights = job().files[1].sha256
    stored = phone.root / "files" / weights
    stored.write_bytes(b"W" + stored.read_bytes()[1:])
    for name in ("a b", "$(touch x)", "-rf", ".hidden", "f" * 64, "x.part"):
        (phone.root / "files" / name).write_text("?")
    (phone.root / "files" / ("e" * 64)).mkdir()
    (phone.root / "files" / ("d" * 64)).symlink_to(runner)
    phone.pushed.clear()
    run(phone, runner)
    assert phone.pushed == [weights]
    assert phone.stored() >= FILES


def test_all_files_can_be_removed(phone: LocalPhone, runner: Path):
    run(phone, runner, remove_files=True)
    assert [*phone.storage.iterdir()] == []
    with session(phone, remove_files=True):
        pass
    assert [*phone.storage.iterdir()] == []


def test_outputs_are_pulled_before_they_go(phone: LocalPhone, runner: Path, tmp_path: Path):
    with session(phone) as opened:
        opened.run(job(), runner, "dump")
        opened.pull("outputs/0.bin", tmp_path / "0.bin")
        for name in ("../files/x", "/etc/passwd", "", ".", "..", "a/../../b"):
            with pytest.raises(DeviceError, match="is no file of a run"):
                opened.pull(name, tmp_path / "other")
    assert (tmp_path / "0.bin").read_bytes() == b"abc"
    assert not (tmp_path / "other").exists()
    phone.stored()


@pytest.mark.parametrize(
    ("command", "kind", "says"),
    [
        ("core", DeviceError, "the runner on local: core 9 can't be had"),
        ("load", BenchError, "the runner on local: a file is broken"),
        ("quiet", BenchError, "stopped without .* the last one is 'file'"),
        ("babble", BenchError, "no event .*WARNING: linker"),
        ("complain", BenchError, "exit status 4: what a pity"),
        ("KILL", BenchError, "SIGKILL.*most likely for memory"),
        ("ILL", BenchError, "SIGILL.*build the runner"),
        ("SEGV", BenchError, "SIGSEGV"),
    ],
)
def test_a_run_that_fails(phone: LocalPhone, runner: Path, command: str, kind: type, says: str):
    with pytest.raises(BenchError, match=says) as raised:
        run(phone, runner, command)
    assert type(raised.value) is kind
    assert len(str(raised.value).splitlines()) == 1
    assert phone.stored() >= FILES


def test_a_silent_run_is_lost_and_cleaned(phone: LocalPhone, runner: Path):
    with pytest.raises(DeviceLostError, match="silent"), session(phone) as opened:
        opened.run(job(), runner, "hang", silence_s=0.5)
    assert phone.connected == 2
    assert phone.stored() >= FILES


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_an_interrupted_run_is_cleaned(phone: LocalPhone, runner: Path, stop: type[BaseException]):
    def interrupt(event: Event) -> None:
        if isinstance(event, File):
            raise stop

    with pytest.raises(stop), session(phone) as opened:
        opened.run(job(), runner, "hang", on_event=interrupt)
    assert phone.stored() >= FILES


def test_an_interrupted_upload_is_cleaned(phone: LocalPhone, runner: Path):
    def interrupt(done: int, total: int) -> None:
        if done > 100_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), session(phone) as opened:
        opened.run(job(), runner, "bench", progress=interrupt)
    pushed = phone.stored()
    assert pushed
    assert job().files[1].sha256 not in pushed
    phone.pushed.clear()
    run(phone, runner)
    assert {*phone.pushed}.isdisjoint(pushed)


def test_progress_is_of_all_files(phone: LocalPhone, runner: Path):
    seen: list[tuple[int, int]] = []
    with session(phone) as opened:
        opened.run(job(), runner, "bench", progress=lambda *step: seen.append(step))
    sizes = sum(path.stat().st_size for path in (phone.root / "files").iterdir())
    assert seen[-1] == (sizes, sizes)
    assert seen == sorted(seen)

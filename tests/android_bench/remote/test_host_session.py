"""The runner on this machine: streams, errors in words, and no process that outlives its block."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from android_bench.errors import BenchError, DeviceError
from android_bench.remote.host_session import HostRunner, host_runner, run_on_host
from android_bench.remote.job import file_ref
from android_bench.remote.run_log import Event, File, Loaded
from tests.android_bench.local_phone import job


@pytest.fixture
def runner(fake_runner: Path) -> Path:
    fake_runner.chmod(0o755)
    return fake_runner


@contextmanager
def served(runner: Path, **options: float) -> Iterator[HostRunner]:
    """Fails where the process outlives the block."""
    processes = []
    try:
        with host_runner(job(), runner, 0, **options) as started:
            processes.append(started.process)
            yield started
    finally:
        assert [process.returncode is None for process in processes] == [False]


def test_a_run_in_a_folder(runner: Path, tmp_path: Path):
    folder, seen = tmp_path / "work", list[Event]()
    folder.mkdir()
    for _ in range(2):
        log = run_on_host(folder, job(), runner, "dump", on_event=seen.append)
        assert {event.sha256 for event in log.of(File)} == {ref.sha256 for ref in job().files}
        (folder / "outputs/0.bin").rename(folder / "got")
        (folder / "outputs").rmdir()
    assert tuple(seen) == log.events * 2


@pytest.mark.parametrize(
    ("command", "kind", "says"),
    [
        ("core", DeviceError, "the runner on this machine: core 9 can't be had"),
        ("complain", BenchError, "exit status 4: what a pity"),
        ("KILL", BenchError, "SIGKILL"),
    ],
)
def test_a_run_that_fails(runner: Path, tmp_path: Path, command: str, kind: type, says: str):
    with pytest.raises(BenchError, match=says) as raised:
        run_on_host(tmp_path, job(), runner, command)
    assert type(raised.value) is kind


def test_a_file_that_was_changed_is_the_runners_to_refuse(runner: Path, tmp_path: Path):
    path = tmp_path / "param"
    path.write_bytes(b"param")
    ref = file_ref(path)
    changed = job(param=ref)
    path.write_bytes(b"other")
    with pytest.raises(BenchError, match=f"files/{ref.sha256} is not {ref.sha256}"):
        run_on_host(tmp_path, changed, runner, "bench")


def test_samples_one_by_one(runner: Path):
    with served(runner) as started:
        assert [started.sample(key).key for key in ("keyframe", "control", "keyframe")] == [
            *("keyframe", "control", "keyframe")
        ]
        log = started.close()
    assert [event.key for event in log.of(Loaded)] == ["keyframe"]
    assert log.end.elapsed_ns == 2


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("x:KILL", "SIGKILL.*most likely for memory"),
        ("x:error", "the runner on this machine: this can't be run"),
        ("x:end", "stopped before it was told to"),
        ("x:hang", "said nothing for 0.5 s"),
    ],
)
def test_a_server_that_fails(runner: Path, key: str, says: str):
    with served(runner, silence_s=0.5) as started:
        assert started.sample("keyframe").ns == 5
        with pytest.raises(BenchError, match=says):
            started.sample(key)


def test_a_server_that_never_starts(tmp_path: Path):
    with (
        pytest.raises(BenchError, match="the runner on this machine stopped without"),
        host_runner(job(), Path("/bin/true"), 0),
    ):
        pass


def test_an_interruption_ends_the_server(runner: Path):
    with pytest.raises(KeyboardInterrupt), served(runner):
        raise KeyboardInterrupt

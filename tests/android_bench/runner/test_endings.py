"""How a run ends that doesn't come to its end."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.android_bench.runner.program import PATIENCE_S, Command, Event, parse
from tests.android_bench.runner.tiny import job_lines, tiny_job, write_files, write_job

Process = subprocess.Popen[bytes]


@contextmanager
def running(command: Command, *arguments: object) -> Iterator[Process]:
    process = subprocess.Popen(
        [*command, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        yield process
        process.kill()


def wait_for(process: Process, event: str) -> None:
    assert process.stdout is not None
    while f'"event":"{event}"'.encode() not in (line := process.stdout.readline()):
        assert line, process.stderr and process.stderr.read()


def rest_of(process: Process) -> tuple[list[Event], str]:
    """What stands in its streams until their end, behind what was waited for."""
    assert process.stdout is not None
    assert process.stderr is not None
    said = process.stdout.read().decode(), process.stderr.read().decode()
    process.wait(PATIENCE_S)
    return parse(said[0]), said[1]


def test_a_closed_stdout_ends_the_run(host: Command, tmp_path: Path):
    job = tiny_job(tmp_path)
    with running(host, "bench", job, "--iterations", 10_000_000) as process:
        wait_for(process, "sample")
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(PATIENCE_S) == 4
        assert process.stderr is not None
        assert b"can't write to stdout: Broken pipe" in process.stderr.read()


def test_a_full_disk_behind_stdout_ends_the_run(host: Command, tmp_path: Path):
    with open("/dev/full", "wb") as full:
        command = [*host, "bench", str(tiny_job(tmp_path))]
        ran = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, timeout=PATIENCE_S)
    assert ran.returncode == 4
    assert b"can't write to stdout: No space left" in ran.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_signals_end_it_between_lines(host: Command, tmp_path: Path, number: signal.Signals):
    with running(host, "bench", tiny_job(tmp_path), "--iterations", 10_000_000) as process:
        wait_for(process, "sample")
        process.send_signal(number)
        events, err = rest_of(process)
    assert process.returncode == -number
    assert {event["event"] for event in events} <= {"sample"}
    assert err == ""


def test_a_file_that_is_being_written_goes_with_the_process(host: Command, tmp_path: Path):
    """A named pipe in its place, which nobody empties, holds the runner in the middle of it."""
    image = np.ones((1 << 16, 1, 4), "<f4")  # more than a pipe takes
    write_files(tmp_path, image)
    job = write_job(tmp_path, [x.replace("2,3,5", "65536,1,4") for x in job_lines(tmp_path)])
    out = tmp_path / "out"
    out.mkdir()
    os.mkfifo(out / "0.bin.part")
    with (
        running(host, "dump", job, "--output-dir", out) as process,
        (out / "0.bin.part").open("rb", buffering=0) as pipe,  # waits for the other end
    ):
        assert pipe.read(1)
        process.terminate()
        assert process.wait(PATIENCE_S) == -signal.SIGTERM
    assert [*out.iterdir()] == []


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGABRT])
def test_a_crash_says_so(host: Command, tmp_path: Path, number: signal.Signals):
    """As it would come from inside ncnn."""
    with running(host, "serve", tiny_job(tmp_path)) as process:
        wait_for(process, "loaded")
        process.send_signal(number)
        events, err = rest_of(process)
    assert process.returncode == 4
    (event,) = events
    assert event["code"] == 4
    assert event["message"].startswith(f"crashed with {number.name}: ")
    assert err == f"mobileinst-runner: {event['message']}\n"


def test_serve_ends_with_its_input(host: Command, tmp_path: Path):
    with running(host, "serve", tiny_job(tmp_path)) as process:
        wait_for(process, "loaded")
        assert process.stdin is not None
        process.stdin.close()
        events, _ = rest_of(process)
    assert process.returncode == 0
    assert [event["event"] for event in events] == ["end"]

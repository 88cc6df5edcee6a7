"""The runner on this machine: runs as on a device, or one process that gives sample by sample."""

import os
import select
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from android_bench.errors import BenchError
from android_bench.remote.endings import conclude
from android_bench.remote.job import Job
from android_bench.remote.job_text import encode
from android_bench.remote.run_log import Error, Event, EventReader, Loaded, RunLog, Sample
from android_bench.transport.local import LocalTransport

HOST = "this machine"
JOB_FILE = "job.txt"
SILENCE_S = 120.0  # the longest that the runner may say nothing
CHUNK = 64 * 1024


def run_on_host(
    folder: Path,
    job: Job,
    runner: Path,
    command: str,
    arguments: Sequence[str] = (),
    *,
    on_event: Callable[[Event], None] = lambda event: None,
    silence_s: float = SILENCE_S,
) -> RunLog:
    """As `Session.run`, in this folder, where what the runner wrote stays.

    Raises BenchError, or DeviceError where the core can't be had.
    """
    write_job(folder, job)
    reader = EventReader()
    result = LocalTransport(folder, serial=HOST).shell(
        (str(runner.resolve()), command, JOB_FILE, *arguments),
        silence_s=silence_s,
        on_line=lambda line: on_event(reader.read(line)),
    )
    return conclude(reader, result.code, result.stderr, HOST)


def write_job(folder: Path, job: Job) -> None:
    """The job file, and beside it links to its files, or the files where they are bytes."""
    files = folder / "files"
    files.mkdir(exist_ok=True)
    for ref in job.files:
        path = files / ref.sha256
        path.unlink(missing_ok=True)
        if isinstance(ref.source, Path):
            path.symlink_to(ref.source.resolve())
        else:
            path.write_bytes(ref.source)
    (folder / JOB_FILE).write_text(encode(job, lambda ref: f"files/{ref.sha256}"))


@contextmanager
def host_runner(
    job: Job,
    runner: Path,
    core: int,
    arguments: Sequence[str] = (),
    *,
    silence_s: float = SILENCE_S,
) -> Iterator["HostRunner"]:
    """Loads the job's graphs in a process of its own, on one core, which ends with the block.

    Raises BenchError, or DeviceError where the core can't be had.
    """
    with tempfile.TemporaryDirectory() as scratch, tempfile.TemporaryFile() as stderr:
        write_job(Path(scratch), job)
        with subprocess.Popen(
            [runner.resolve(), "serve", JOB_FILE, "--core", str(core), *arguments],
            cwd=scratch,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            start_new_session=True,  # Ctrl-C is ours alone
        ) as process:
            try:
                served = HostRunner(process, stderr, silence_s)
                served.load(len(job.graphs))
                yield served
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)


class HostRunner:
    """A runner that waits for the keys of graphs. `host_runner` starts one."""

    def __init__(
        self, process: subprocess.Popen[bytes], stderr: IO[bytes], silence_s: float
    ) -> None:
        self.process = process
        self.stderr = stderr
        self.silence_s = silence_s
        self.reader = EventReader()
        self.rest = b""  # of stdout, behind the last line

    def load(self, graphs: int) -> None:
        """Until so many graphs are loaded."""
        while sum(isinstance(event, Loaded) for event in self.reader.events) < graphs:
            self.read()

    def sample(self, key: str) -> Sample:
        """Runs that graph once. Raises BenchError where the runner fails."""
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):  # then its last words say why
            self.process.stdin.write(f"{key}\n".encode())
        while True:
            if isinstance(event := self.read(), Sample):
                return event

    def close(self) -> RunLog:
        """Ends it: all that it said. Raises BenchError where it does not end well."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        while (line := self.line()) is not None:
            self.reader.read(line)
        return self.conclude()

    def read(self) -> Event:
        line = self.line()
        event = None if line is None else self.reader.read(line)
        if event is None or isinstance(event, Error):
            self.conclude()
            raise BenchError(f"the runner on {HOST} stopped before it was told to")
        return event

    def line(self) -> str | None:
        """None at the end. Raises BenchError where nothing comes for too long."""
        assert self.process.stdout is not None
        while b"\n" not in self.rest:
            if not select.select([self.process.stdout], [], [], self.silence_s)[0]:
                raise BenchError(f"the runner on {HOST} said nothing for {self.silence_s:g} s")
            piece = os.read(self.process.stdout.fileno(), CHUNK)
            if not piece:
                return None
            self.rest += piece
        line, _, self.rest = self.rest.partition(b"\n")
        return line.decode(errors="replace")

    def conclude(self) -> RunLog:
        code = self.process.wait()
        self.stderr.seek(0)
        said = self.stderr.read().decode(errors="replace")
        return conclude(self.reader, code if code >= 0 else 128 - code, said, HOST)

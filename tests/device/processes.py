"""Programs that run beside the tests: they end with them, whatever happens."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1  # linux/prctl.h
MARK = "PLAYED_PHONE"  # a variable that all processes of a phone have inherited
ENDING_S = 20.0


def die_with_parent() -> None:
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


@contextmanager
def running(
    command: Sequence[str | Path],
    environment: Mapping[str, str],
    log: Path,
    descriptors: Sequence[int] = (),
) -> Iterator[subprocess.Popen[bytes]]:
    """Runs it with what it says in a log, and kills it in the end."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            pass_fds=descriptors,
            preexec_fn=die_with_parent,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@dataclass(frozen=True)
class Running:
    pid: int
    command: tuple[str, ...]


def marked(value: str) -> list[Running]:
    """The processes whose environment has `MARK` with this value."""
    wanted = f"{MARK}={value}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                words = (folder / "cmdline").read_bytes().split(b"\0")[:-1]
                found.append(Running(int(folder.name), tuple(map(os.fsdecode, words))))
        except OSError:  # it has ended, or is another user's
            continue
    return found


def kill_marked(value: str) -> None:
    """Kills them and those they start meanwhile. Raises TimeoutError where one stays."""
    deadline_s = time.monotonic() + ENDING_S
    while left := marked(value):
        for process in left:
            try:
                os.kill(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        if time.monotonic() > deadline_s:
            raise TimeoutError(f"still running: {left}")
        time.sleep(0.01)

"""Runs cmake and ninja: the build's progress, its log, and the first error of a failed one."""

import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from android_bench.building.packages import find_program
from android_bench.building.toolchain import Toolchain
from android_bench.errors import BenchError

# Called with what is compiled, how many of its steps are done, and how many there are.
Progress = Callable[[str, int, int], None]
STEP = re.compile(r"\[(\d+)/(\d+)\] ")
REASONS = re.compile(r"\berror: |^CMake Error")
# A compiler's flags and the like in the user's environment would go into the result.
PASSED = ("PATH", "HOME", "TMPDIR", "LANG")


@dataclass(frozen=True)
class Compilation:
    what: str  # for people
    source: Path
    folder: Path  # for everything in between
    log: Path  # kept where it fails
    toolchain: Toolchain
    options: tuple[str, ...]

    def configure(self, progress: Progress) -> None:
        """Raises BenchError with the first error and the log's place, as build does."""
        self.folder.mkdir()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.log.unlink(missing_ok=True)
        self.call((str(find_program("cmake").path), *self.configuration()), progress)

    def require(self, names: Iterable[str]) -> None:
        """Raises BenchError where one of CMake's settings did not come out as on."""
        cache = (self.folder / "CMakeCache.txt").read_text(encoding="utf-8")
        off = [
            name for name in names if not re.search(rf"^{name}:\w+=(?:ON|1)$", cache, re.MULTILINE)
        ]
        if off:
            raise BenchError(
                f"{self.what} would be slow: {self.toolchain.name} can't compile for "
                f"{', '.join(off)}; the whole log: {self.log}"
            )

    def build(self, progress: Progress, *targets: str) -> None:
        ninja = str(find_program("ninja").path)
        self.call((ninja, "-C", str(self.folder), *targets), progress)
        self.log.unlink()

    def configuration(self) -> tuple[str, ...]:
        ninja = find_program("ninja").path
        return (
            *("-G", "Ninja", "-S", str(self.source), "-B", str(self.folder)),
            *(
                f"-DCMAKE_MAKE_PROGRAM={ninja}",
                "-DCMAKE_BUILD_TYPE=Release",
                "--no-warn-unused-cli",
            ),
            *self.toolchain.write(self.folder),
            *self.options,
        )

    def call(self, command: tuple[str, ...], progress: Progress) -> None:
        environment = {name: os.environ[name] for name in PASSED if name in os.environ}
        environment |= {"LC_ALL": "C", "NINJA_STATUS": "[%f/%t] ", **self.toolchain.environment}
        with self.log.open("a", encoding="utf-8") as log:
            code = watch(command, environment, self.reader(log.write, progress))
        if code:
            reason = first_error(self.log.read_text(encoding="utf-8"))
            raise BenchError(
                f"{self.what} can't be built: {reason or f'exit code {code}'}; "
                f"the whole log: {self.log}"
            )

    def reader(self, write: Callable[[str], object], progress: Progress) -> Callable[[str], None]:
        def read(line: str) -> None:
            write(line)
            if step := STEP.match(line):
                progress(self.what, int(step[1]), int(step[2]))

        return read


def watch(
    command: tuple[str, ...], environment: Mapping[str, str], read: Callable[[str], None]
) -> int:
    """The exit code; no process of its is left where this one is interrupted."""
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            for line in process.stdout:
                read(line)
            return process.wait()
        finally:
            if process.poll() is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)


def first_error(log: str) -> str:
    """The first line that says why; empty where none looks like it. Of cmake's, the next line."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    for line, following in pairwise((*lines, "")):
        if REASONS.search(line):
            return f"{line} {following}" if line.startswith("CMake Error") else line
    return ""

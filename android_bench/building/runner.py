"""The program for a target, built where the cache has none: first ncnn, then ours with it."""

import time
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

import msgspec

from android_bench.building.cache import (
    RESULT,
    becoming,
    builds_folder,
    file_digest,
    key_of,
    locked,
)
from android_bench.building.compile import Compilation, Progress
from android_bench.building.library import library_key, ncnn_library
from android_bench.building.ndk import ndk_toolchain
from android_bench.building.packages import MissingProgramError
from android_bench.building.sdist import NCNN_VERSION
from android_bench.building.targets import Target, find_target
from android_bench.building.toolchain import Toolchain
from android_bench.building.zig import zig_toolchain

SOURCES = Path(__file__).parents[1] / "runner"
PROGRAM = "mobileinst-runner"
ABOUT = "about.json"  # beside the program


@dataclass(frozen=True)
class Runner:
    """A program that is ready to be pushed, and what it was made with."""

    path: Path
    target: str
    sha256: str
    bytes: int
    ncnn_version: str
    toolchain: str
    seconds: float  # that the build took
    from_cache: bool


def path_of(kind: type, text: str) -> Path:
    """What JSON has as a text."""
    return Path(text)


def no_progress(what: str, done: int, total: int) -> None:
    """For callers that show none."""


def build_runner(target: str, ndk: Path | None = None, progress: Progress = no_progress) -> Runner:
    """From the cache where it has it. Raises BenchError."""
    return Build.of(target, ndk).run(progress)


def built_runner(target: str, ndk: Path | None = None) -> Runner | None:
    """What the cache has for the sources and the toolchain as they are; None where it has none."""
    try:
        return Build.of(target, ndk).cached()
    except MissingProgramError:
        return None


@dataclass(frozen=True)
class Build:
    """How to get from the sources to one program."""

    target: Target
    toolchain: Toolchain
    root: Path

    @classmethod
    def of(cls, name: str, ndk: Path | None) -> "Build":
        """Raises BenchError for an unknown target, a toolchain that is missing or no NDK."""
        target, root = find_target(name), builds_folder()
        toolchain = ndk_toolchain(ndk, target) if ndk else zig_toolchain(target, root / "zig")
        return cls(target, toolchain, root)

    @property
    def series(self) -> str:
        return f"runner-{self.target.name}"

    @cached_property
    def key(self) -> str:
        sources = (f"{path.name} {file_digest(path)}" for path in sorted(SOURCES.iterdir()))
        library = library_key(self.target, self.toolchain)
        return key_of((library, version("mobileinst-deploy"), *sources))

    @property
    def folder(self) -> Path:
        return self.root / f"{self.series}-{self.key}"

    def cached(self) -> Runner | None:
        """None too where the program in the cache is not the one that was put there."""
        try:
            runner = msgspec.json.decode(
                (self.folder / ABOUT).read_bytes(), type=Runner, dec_hook=path_of
            )
        except (FileNotFoundError, msgspec.DecodeError):
            return None
        whole = runner.path.is_file() and file_digest(runner.path) == runner.sha256
        return replace(runner, from_cache=True) if whole else None

    def run(self, progress: Progress) -> Runner:
        with locked(self.root, self.series):
            return self.cached() or self.compile(progress)

    def compile(self, progress: Progress) -> Runner:
        started = time.monotonic()
        folder = self.folder
        library = ncnn_library(self.target, self.toolchain, self.root, progress)
        with becoming(self.root, self.series, self.key) as work:
            compilation = self.compilation(library, work)
            compilation.configure(progress)
            compilation.build(progress)
            program = work / RESULT / PROGRAM
            (work / "build" / PROGRAM).rename(program)
            runner = Runner(
                folder / PROGRAM,
                self.target.name,
                file_digest(program),
                program.stat().st_size,
                NCNN_VERSION,
                self.toolchain.name,
                round(time.monotonic() - started, 1),
                from_cache=False,
            )
            (work / RESULT / ABOUT).write_bytes(msgspec.json.encode(runner, enc_hook=str))
        return runner

    def compilation(self, library: Path, work: Path) -> Compilation:
        options = (
            f"-Dncnn_DIR={library / 'lib/cmake/ncnn'}",
            f"-DRUNNER_VERSION={version('mobileinst-deploy')}",
            f"-DRUNNER_TARGET={self.target.name}",
        )
        log = self.root / f"{self.series}.log"
        what = f"the runner for {self.target.name}"
        return Compilation(what, SOURCES, work / "build", log, self.toolchain, options)

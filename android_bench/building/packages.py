"""The programs that build, as pip installed them: whatever is on the PATH is not looked at."""

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from android_bench.errors import BenchError

EXTRA = "pip install 'mobileinst-deploy[runner]'"
# The program's file in the package, by how its path ends.
PROGRAMS = {"ziglang": "ziglang/zig", "cmake": "bin/cmake", "ninja": "bin/ninja"}


class MissingProgramError(BenchError):
    """A package that is not installed, or not as a whole."""


@dataclass(frozen=True)
class Program:
    path: Path
    version: str


def find_program(package: str) -> Program:
    """Raises MissingProgramError, which says how to install it."""
    try:
        found = distribution(package)
    except PackageNotFoundError as error:
        raise MissingProgramError(
            f"building the runner needs {package}, which is not installed: {EXTRA}"
        ) from error
    ending = PROGRAMS[package]
    for file in found.files or ():
        path = Path(str(file.locate()))
        if str(file).endswith(ending) and path.is_file():
            return Program(path.resolve(), found.version)
    raise MissingProgramError(
        f"{package} {found.version} has no {ending}: install it again with {EXTRA}"
    )

"""The user's own TNN: where it is, and how it is to run. All of it comes from the environment.

TNN has no packages, so that whoever wants to run it has built it: see docs/tnn.md.
"""

import os
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from export.manifest import digest
from mobileinst_deploy.errors import RunError

DEVICES = ("NAIVE", "X86", "ARM")
PRECISIONS = ("HIGH", "NORMAL")  # LOW, bfloat16, fails at the first change of layout
HEADER = Path("tnn", "core", "tnn.h")
INCLUDES = ("include", "src/include")  # beside the library, or beside a folder above it
LEVELS = 4
MAGICS = (b"\x7fELF", b"!<arch>\n", b"!<thin>\n")
HOW = "set TNN_LIBRARY or --tnn-lib to your libTNN.so or libTNN.a; docs/tnn.md says more"


@dataclass(frozen=True)
class TnnLibrary:
    """A libTNN, and how programs are built with it and run."""

    library: Path
    include: Path  # has tnn/core/tnn.h
    device: str = "NAIVE"
    precision: str = "HIGH"  # HIGH is float32; NORMAL is float16 on an ARM that has it
    compiler: tuple[str, ...] = ("c++",)
    flags: tuple[str, ...] = ()  # more of them, for the compiler
    launcher: tuple[str, ...] = ()  # goes before the program: an emulator and its options
    timeout_s: float = 600.0  # of one run; emulation is slow

    @property
    def is_static(self) -> bool:
        return self.library.suffix == ".a"

    def version(self) -> str:
        """TNN's own number has not changed since 2021, so that the file has to tell."""
        return f"sha256 {digest(self.library)[:12]}, {self.device}, {self.precision}"


def tnn_library(environment: Mapping[str, str] = os.environ) -> TnnLibrary:
    """What TNN_LIBRARY and its like say. Raises RunError, which says what is missing."""
    library = find_library(environment.get("TNN_LIBRARY", ""))
    return TnnLibrary(
        library,
        find_include(library, environment.get("TNN_INCLUDE", "")),
        choice(environment, "TNN_DEVICE", DEVICES),
        choice(environment, "TNN_PRECISION", PRECISIONS),
        program(environment, "CXX", "c++"),
        words(environment, "CXXFLAGS"),
        program(environment, "TNN_LAUNCHER", ""),
        seconds(environment, "TNN_TIMEOUT_S"),
    )


def obstacle() -> str | None:
    """Why TNN can't be used here; None where it can."""
    try:
        tnn_library()
    except RunError as error:
        return str(error)
    return None


def find_library(path: str) -> Path:
    if not path:
        raise RunError(f"there is no TNN: {HOW}")
    library = Path(path).resolve()
    if not library.is_file():
        raise RunError(f"there is no file {path}: {HOW}")
    with library.open("rb") as file:
        start = file.read(8)
    if not start.startswith(MAGICS):
        raise RunError(f"{path} is no library, it starts with {start!r}: {HOW}")
    return library


def find_include(library: Path, path: str) -> Path:
    """The folder given, or the first with TNN's headers beside the library or above it."""
    near = (folder / name for folder in [*library.parents][:LEVELS] for name in INCLUDES)
    for include in [Path(path).resolve()] if path else near:
        if (include / HEADER).is_file():
            return include
    where = f"in {path}" if path else f"in a folder `include` beside {library} or above it"
    raise RunError(f"there is no {HEADER.as_posix()} {where}: set TNN_INCLUDE to TNN's `include`")


def choice(environment: Mapping[str, str], variable: str, known: tuple[str, ...]) -> str:
    """The first one where the variable is not set."""
    chosen = environment.get(variable) or known[0]
    if chosen not in known:
        raise RunError(f"{variable} is {chosen!r}, expected one of {', '.join(known)}")
    return chosen


def program(environment: Mapping[str, str], variable: str, default: str) -> tuple[str, ...]:
    """A command with its options, whose program is there."""
    command = words(environment, variable) or words({variable: default}, variable)
    if command and shutil.which(command[0]) is None:
        raise RunError(f"there is no program {command[0]!r}: install it or set {variable}")
    return command


def words(environment: Mapping[str, str], variable: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(environment.get(variable, "")))
    except ValueError as error:
        raise RunError(f"{variable} is no list of words: {error}") from error


def seconds(environment: Mapping[str, str], variable: str) -> float:
    text = environment.get(variable) or "600"
    if not text.isdigit() or int(text) < 1:
        raise RunError(f"{variable} is {text!r}, expected a whole number of seconds")
    return float(text)

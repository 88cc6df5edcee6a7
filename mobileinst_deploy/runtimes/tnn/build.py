"""Builds the loader with the user's TNN, once: the program stays in the user's cache folder."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from export.manifest import digest
from mobileinst_deploy.errors import RunError
from mobileinst_deploy.runtimes.tnn.library import TnnLibrary

SOURCE = Path(__file__).with_name("loader.cc")
FLAGS = ("-std=c++11", "-O2")
SYSTEM = ("-lpthread", "-ldl")
COMPILE_S = 600.0
REASONS = ("error", "undefined reference", "file in wrong format")  # in the line that says why


def build_loader(tnn: TnnLibrary) -> Path:
    """The loader as a program, compiled where the cache has none for this TNN. Raises RunError."""
    program = cache_folder() / f"tnn-loader-{cache_key(tnn)[:16]}"
    if not os.access(program, os.X_OK):
        compile_loader(tnn, program)
    return program


def cache_folder() -> Path:
    """The XDG base directory specification: a relative path there is to be ignored."""
    home = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (home if home.is_absolute() else Path.home() / ".cache") / "mobileinst-deploy"


def cache_key(tnn: TnnLibrary) -> str:
    """Of everything that the program is made from."""
    made_from = (
        *(digest(SOURCE), digest(tnn.library), str(shutil.which(tnn.compiler[0]))),
        *command(tnn, SOURCE),
    )
    return hashlib.sha256("\0".join(made_from).encode()).hexdigest()


def command(tnn: TnnLibrary, program: Path) -> list[str]:
    """The compiler's, to make that program."""
    start = (*tnn.compiler, *FLAGS, *tnn.flags, f"-I{tnn.include}", str(SOURCE))
    return [*start, "-o", str(program), *link_flags(tnn), *SYSTEM]


def link_flags(tnn: TnnLibrary) -> tuple[str, ...]:
    """TNN's layers register themselves, and a linker leaves out what nobody calls."""
    if tnn.is_static:
        return "-Wl,--whole-archive", str(tnn.library), "-Wl,--no-whole-archive"
    return str(tnn.library), f"-Wl,-rpath,{tnn.library.parent}"


def compile_loader(tnn: TnnLibrary, program: Path) -> None:
    """The program appears whole or not at all."""
    try:
        program.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=program.parent) as folder:
            half_done = Path(folder) / program.name
            call_compiler(tnn, half_done)
            half_done.replace(program)
    except OSError as error:
        raise RunError(f"can't write {program}: {error.strerror or error}") from error


def call_compiler(tnn: TnnLibrary, program: Path) -> None:
    what = f"{SOURCE.name} does not compile with {tnn.library}"
    try:
        made = subprocess.run(
            command(tnn, program), capture_output=True, text=True, errors="replace",
            timeout=COMPILE_S, stdin=subprocess.DEVNULL, env={**os.environ, "LC_ALL": "C"},
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise RunError(f"{what}: {tnn.compiler[0]} took longer than {COMPILE_S:g} s") from error
    if made.returncode:
        raise RunError(f"{what}: {reason(made.stderr) or f'exit code {made.returncode}'}")


def reason(said: str) -> str:
    """The first line of a compiler's that says why; the first of all where none looks like it."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    why = (line for line in lines if any(word in line for word in REASONS))
    return next(why, lines[0] if lines else "")

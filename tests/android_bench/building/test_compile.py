"""cmake and ninja at work: progress, the first error, no process left."""

import os
import sys
import time
from pathlib import Path

import pytest

from android_bench.building.compile import Compilation, first_error, watch
from android_bench.building.packages import PROGRAMS, MissingProgramError, find_program
from android_bench.building.toolchain import Toolchain
from android_bench.errors import BenchError

NONE = Toolchain("no compiler", (), lambda folder: (), {})
PROJECT = """
cmake_minimum_required(VERSION 3.20)
project(words LANGUAGES NONE)
option(FAST "" OFF)
add_custom_command(OUTPUT one COMMAND ${{CMAKE_COMMAND}} -E touch one)
add_custom_command(OUTPUT two DEPENDS one COMMAND {command})
add_custom_target(all_of_it ALL DEPENDS two)
"""


@pytest.fixture
def compilation(tmp_path: Path) -> Compilation:
    """Of a project that any cmake can build."""
    for package in ("cmake", "ninja"):
        try:
            find_program(package)
        except MissingProgramError as error:
            pytest.skip(str(error))
    (tmp_path / "source").mkdir()
    write(tmp_path, "${CMAKE_COMMAND} -E touch two")
    log = tmp_path / "words.log"
    return Compilation("words", tmp_path / "source", tmp_path / "build", log, NONE, ())


def write(folder: Path, command: str) -> None:
    (folder / "source/CMakeLists.txt").write_text(PROJECT.format(command=command))


def nothing(what: str, done: int, total: int) -> None:
    pass


def test_progress(compilation: Compilation):
    seen: list[tuple[str, int, int]] = []
    compilation.configure(nothing)
    compilation.build(lambda *step: seen.append(step))
    assert seen == [("words", 1, 2), ("words", 2, 2)]
    assert not compilation.log.exists()


def test_the_first_error_and_where_the_log_is(compilation: Compilation, tmp_path: Path):
    (tmp_path / "said").write_text("In file a.h:\na.cc:1: error: no such thing\n1 error\n")
    write(tmp_path, f"${{CMAKE_COMMAND}} -E cat {tmp_path / 'said'} && false")
    compilation.configure(nothing)
    with pytest.raises(BenchError) as caught:
        compilation.build(nothing)
    reason = "words can't be built: a.cc:1: error: no such thing"
    assert str(caught.value) == f"{reason}; the whole log: {compilation.log}"
    assert "no such thing" in compilation.log.read_text()


def test_an_error_of_cmake(compilation: Compilation, tmp_path: Path):
    (tmp_path / "source/CMakeLists.txt").write_text('message(FATAL_ERROR "no\nway")\n')
    with pytest.raises(BenchError, match=r"CMake Error at CMakeLists.txt:1 \(message\): no; "):
        compilation.configure(nothing)


def test_what_cmake_must_have_found(compilation: Compilation):
    compilation.configure(nothing)
    with pytest.raises(BenchError, match="no compiler can't compile for FAST, FASTER;"):
        compilation.require(["FAST", "FASTER"])


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        ("", ""),
        ("[1/2] fine\nall fine\n", ""),
        ("a.cc:1:2: warning: x\na.cc:3:4: error: y\nb.cc:1:1: error: z\n", "a.cc:3:4: error: y"),
        ("ld.lld: error: undefined symbol: f()\n", "ld.lld: error: undefined symbol: f()"),
        ("CMake Error at a.cmake:1:\n  not found\n", "CMake Error at a.cmake:1: not found"),
    ],
)  # fmt: skip
def test_first_error(log: str, reason: str):
    assert first_error(log) == reason


def test_a_build_that_is_interrupted_leaves_no_process():
    script = "sleep 600 & echo $!; wait"
    pids: list[int] = []

    def interrupt(line: str) -> None:
        pids.append(int(line))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        watch(("sh", "-c", script), os.environ, interrupt)
    assert ends(pids[0])


def ends(pid: int) -> bool:
    """Within a minute; a zombie that nobody waits for has ended too."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("package", PROGRAMS)
def test_a_package_that_is_missing(package: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "path", [])
    says = rf"{package}.*pip install 'mobileinst-deploy\[runner\]'"
    with pytest.raises(MissingProgramError, match=says):
        find_program(package)

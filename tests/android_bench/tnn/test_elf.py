import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from android_bench.errors import BenchError
from android_bench.tnn.elf import Elf, parse_elf, read_elf
from tests.elf_files import LINKER, OBJECT, PROGRAM, X86_64, elf

NEEDED = ("libTNN.so", "libc.so")
GOOD = elf(needed=NEEDED)


def test_it_says_what_it_is_and_what_it_needs():
    assert parse_elf(GOOD) == Elf("aarch64", "shared", LINKER, NEEDED, 0x4000)


@pytest.mark.parametrize(
    ("content", "machine", "kind", "interpreter"),
    [
        (elf(X86_64, PROGRAM, "/lib64/ld.so"), "x86_64", "program", "/lib64/ld.so"),
        (elf(kind=OBJECT, interpreter=None), "aarch64", "object", None),
        (elf(machine=9), "9", "shared", LINKER),
    ],
)
def test_others_too(content: bytes, machine: str, kind: str, interpreter: str | None):
    found = parse_elf(content)
    assert (found.machine, found.kind, found.interpreter) == (machine, kind, interpreter)


def test_a_program_of_this_machine_is_read(tmp_path: Path):
    found = read_elf(Path("/bin/sh").resolve())
    assert found.kind in ("shared", "program")
    assert found.interpreter is None or Path(found.interpreter).exists()
    assert any(name.startswith("libc.") for name in found.needed) == (found.interpreter is not None)


@settings(deadline=None)
@given(st.integers(0, len(GOOD) - 1))
def test_one_that_is_cut_is_refused_or_lacks_nothing(tmp_path_factory, length: int):
    path = tmp_path_factory.getbasetemp() / "cut"
    path.write_bytes(GOOD[:length])
    with pytest.raises(BenchError, match=r"is no ELF file|is a damaged ELF file"):
        read_elf(path)


@settings(deadline=None)
@given(st.binary(max_size=200), st.integers(4, len(GOOD) - 1))
def test_damage_ends_in_a_refusal_or_in_an_answer(tmp_path_factory, noise: bytes, start: int):
    path = tmp_path_factory.getbasetemp() / "damaged"
    path.write_bytes(GOOD[:start] + noise + GOOD[start + len(noise) :])
    with contextlib.suppress(BenchError):
        assert len(read_elf(path).needed) < len(GOOD)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is no ELF file, it starts with b''"),
        (b"#!/bin/sh\n", r"is no ELF file, it starts with b'#!/b'"),
        (elf(bits=1), "not one of 64 bits: class 1, byte order 1"),
    ],
)
def test_what_is_none(tmp_path: Path, content: bytes, says: str):
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(BenchError, match=says):
        read_elf(tmp_path / "file")


def test_a_file_that_is_not_there(tmp_path: Path):
    with pytest.raises(BenchError, match=r"can't read .*: No such file"):
        read_elf(tmp_path / "file")

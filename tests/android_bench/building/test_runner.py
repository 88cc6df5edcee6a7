"""The finished programs: what their ELF headers say, and that they start."""

import json
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from android_bench.building import Runner, build_runner, built_runner
from android_bench.building.cache import BUILDS_VARIABLE, file_digest

AARCH64, X86_64 = 183, 62  # e_machine, from elf.h; PT_LOAD and PT_INTERP below too
PT_LOAD, PT_INTERP = 1, 3


@dataclass(frozen=True)
class Elf:
    machine: int
    segments: list[tuple[int, int]]  # type and alignment of each


def read_elf(path: Path) -> Elf:
    """Of a 64-bit little-endian file."""
    data = path.read_bytes()
    assert data[:6] == b"\x7fELF\x02\x01"
    (machine,) = struct.unpack_from("<H", data, 18)
    (start,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    headers = [struct.unpack_from("<IIQQQQQQ", data, start + i * size) for i in range(count)]
    return Elf(machine, [(header[0], header[7]) for header in headers])


def version(*command: object) -> dict[str, object]:
    ran = subprocess.run([*map(str, command), "--version"], capture_output=True, check=True)
    said = json.loads(ran.stdout)
    assert isinstance(said, dict)
    return said


def test_the_phone_s_is_static_and_fits_16_kib_pages(arm_runner: Runner):
    elf = read_elf(arm_runner.path)
    assert elf.machine == AARCH64
    assert PT_INTERP not in dict(elf.segments)
    assert {align for kind, align in elf.segments if kind == PT_LOAD} == {0x10000}


def test_the_host_s(host_runner: Runner):
    assert read_elf(host_runner.path).machine == X86_64
    assert version(host_runner.path)["target"] == "x86_64-linux"


def test_the_phone_s_starts(arm_runner: Runner, emulator: str):
    said = version(emulator, arm_runner.path)
    assert said["target"] == "aarch64-android"
    assert said["build"] == "Release"
    assert said["ncnn"] == arm_runner.ncnn_version


def test_a_second_build_is_the_first(host_runner: Runner):
    again = build_runner(host_runner.target)
    assert again.from_cache
    assert again == built_runner(host_runner.target)
    assert again.sha256 == file_digest(again.path)


def test_a_damaged_program_is_not_taken_from_the_cache(
    host_runner: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(BUILDS_VARIABLE, str(tmp_path))
    assert built_runner(host_runner.target) is None
    copy = tmp_path / host_runner.path.parent.name
    copy.mkdir()
    about = (host_runner.path.parent / "about.json").read_bytes()
    program = copy / host_runner.path.name
    (copy / "about.json").write_bytes(
        about.replace(str(host_runner.path).encode(), str(program).encode())
    )
    program.write_bytes(host_runner.path.read_bytes())
    assert built_runner(host_runner.target) is not None
    program.write_bytes(b"damaged")
    assert built_runner(host_runner.target) is None

"""Programs that can't run on a phone are told before anything is pushed."""

from dataclasses import replace
from pathlib import Path

import pytest

from android_bench.device.facts import DeviceFacts, read_facts
from android_bench.errors import BenchError, DeviceError
from android_bench.tnn.program import TnnProgram, check_device, check_program
from tests.android_bench.local_phone import LocalPhone
from tests.elf_files import OBJECT, PROGRAM, X86_64, elf

BIONIC = ("libc.so", "libm.so", "libdl.so", "liblog.so")
SHARED = elf(needed=("libTNN.so", *BIONIC))
LIBRARY = elf(interpreter=None, needed=BIONIC)


def placed(folder: Path, test: bytes, **libraries: bytes) -> TnnProgram:
    (folder / "TNNTest").write_bytes(test)
    for name, content in libraries.items():
        (folder / f"{name}.so").write_bytes(content)
    return check_program(folder / "TNNTest", [folder / f"{name}.so" for name in libraries])


@pytest.mark.parametrize(
    ("test", "libraries"),
    [
        (elf(kind=PROGRAM, interpreter=None), {}),
        (elf(needed=BIONIC), {}),
        (elf(interpreter=None), {}),  # position-independent and static
        (SHARED, {"libTNN": LIBRARY}),
        (SHARED, {"libTNN": elf(needed=("libc++_shared.so",)), "libc++_shared": LIBRARY}),
    ],
    ids=["static", "dynamic", "static pie", "libTNN", "two libraries"],
)
def test_one_that_can_run_is_pushed_with_its_libraries(tmp_path: Path, test, libraries):
    program = placed(tmp_path, test, **libraries)
    names = ["TNNTest", *(f"{name}.so" for name in libraries)]
    assert list(program.files()) == names
    assert all(f"{name} sha256 " in program.version() for name in names)


REFUSED = {
    "of another CPU": (elf(X86_64), {}, "is built for x86_64, expected aarch64; build TNN with"),
    "a library as the program": (LIBRARY, {}, "is a library, expected the program TNNTest"),
    "an object": (elf(kind=OBJECT, interpreter=None), {}, "is a library, expected"),
    "a script": (b"#!/bin/sh\n", {}, "is no ELF file"),
    "no libTNN.so": (SHARED, {}, r"needs libTNN.so, which no phone has; give it with --tnn-lib"),
    "a C++ library too few": (
        SHARED,
        {"libTNN": elf(needed=("libc++_shared.so",))},
        r"needs libc\+\+_shared.so",
    ),
    "a library of another CPU": (SHARED, {"libTNN": elf(X86_64)}, "libTNN.so is built for x86_64"),
    "a library too many": (elf(needed=("libc.so",)), {"libTNN": LIBRARY}, "loads no libTNN.so, it"),
    "a static one's": (elf(interpreter=None), {"libTNN": LIBRARY}, "it needs no library; leave"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_one_that_can_not_is_refused(tmp_path: Path, name: str):
    test, libraries, says = REFUSED[name]
    with pytest.raises(BenchError, match=says):
        placed(tmp_path, test, **libraries)


@pytest.fixture
def facts(local_phone: LocalPhone) -> DeviceFacts:
    return read_facts(local_phone.connect("local"))


def test_its_command_goes_behind_an_emulators(tmp_path: Path, facts: DeviceFacts):
    emulated = replace(facts, exec_prefix=("qemu", "-cpu", "max"))
    static, shared = placed(tmp_path, elf()), placed(tmp_path, SHARED, libTNN=LIBRARY)
    assert static.command(emulated, 5)[:4] == ("qemu", "-cpu", "max", "./TNNTest")
    assert shared.command(facts, 5)[:3] == ("env", "LD_LIBRARY_PATH=.", "./TNNTest")
    assert static.command(facts, 5)[-2:] == ("-dl", "5")


def test_a_program_of_another_linux_is_refused_by_a_real_phone(tmp_path: Path, facts: DeviceFacts):
    glibc = placed(tmp_path, elf(interpreter="/lib/ld-linux-aarch64.so.1"))
    check_device(glibc, facts)
    with pytest.raises(DeviceError, match=r"asks for /lib/ld-linux-\S+, which local has not"):
        check_device(glibc, replace(facts, emulated=False))


def test_pages_that_are_too_large_are_told(tmp_path: Path, facts: DeviceFacts):
    program = placed(tmp_path, SHARED, libTNN=elf(interpreter=None, alignment=0x1000))
    check_device(program, replace(facts, page_size=0x1000))
    with pytest.raises(DeviceError, match="pages of 4096 bytes, but local has pages of 16384"):
        check_device(program, replace(facts, page_size=0x4000))

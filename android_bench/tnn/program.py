"""The user's own TNNTest and the libraries it needs; what can't run is refused before a push."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from android_bench.device.facts import DeviceFacts
from android_bench.errors import BenchError, DeviceError
from android_bench.remote.job import FileRef, file_ref
from android_bench.tnn.benchmark import options
from android_bench.tnn.elf import Elf, read_elf

NAME = "TNNTest"
MACHINE = "aarch64"
BIONIC = "/system/bin/linker64"  # what loads a program on Android
# Libraries that come with a build, not with a phone: TNN's, and the NDK's.
OWN_LIBRARIES = ("libTNN.so", "libc++_shared.so", "libomp.so")
HOW = "build TNN with the NDK for arm64-v8a; docs/tnn.md says more"


@dataclass(frozen=True)
class TnnProgram:
    test: Path
    libraries: tuple[Path, ...] = ()
    interpreter: str | None = None  # what loads it; None: it loads itself
    alignment: int = 0x10000  # bytes; a device with larger pages can't load it

    def files(self) -> dict[str, FileRef]:
        """By the names that they have on a device. Raises BenchError where one can't be read."""
        return {
            NAME: file_ref(self.test),
            **{library.name: file_ref(library) for library in self.libraries},
        }

    def version(self) -> str:
        """TNN's own number has not changed since 2021, so that the files have to tell."""
        return ", ".join(f"{name} sha256 {ref.sha256[:12]}" for name, ref in self.files().items())

    def command(self, facts: DeviceFacts, core: int) -> tuple[str, ...]:
        """Without the options of a single run."""
        beside = ("env", "LD_LIBRARY_PATH=.") if self.libraries else ()
        return (*beside, *facts.exec_prefix, f"./{NAME}", *options(core))


def check_program(test: Path, libraries: Iterable[Path] = ()) -> TnnProgram:
    """Raises BenchError for what can't run on a phone, and for a library too many or too few."""
    elf, beside = checked(test), {library.name: checked(library) for library in libraries}
    if elf.kind == "object" or (elf.interpreter is None and elf.needed):
        raise BenchError(f"{test} is a library, expected the program TNNTest; {HOW}")
    wanted = [name for one in (elf, *beside.values()) for name in one.needed]
    if missing := [name for name in OWN_LIBRARIES if name in wanted and name not in beside]:
        raise BenchError(f"{test} needs {missing[0]}, which no phone has; give it with --tnn-lib")
    if unused := [name for name in beside if name not in wanted]:
        raise BenchError(
            f"{test} loads no {unused[0]}, it needs {', '.join(elf.needed) or 'no library'}; leave "
            "out --tnn-lib, or rename the file"
        )
    alignment = min(one.alignment for one in (elf, *beside.values()))
    return TnnProgram(test, tuple(libraries), elf.interpreter, alignment)


def checked(path: Path) -> Elf:
    """Raises BenchError unless it is for a phone's CPU."""
    elf = read_elf(path)
    if elf.machine != MACHINE:
        raise BenchError(f"{path} is built for {elf.machine}, expected {MACHINE}; {HOW}")
    return elf


def check_device(program: TnnProgram, facts: DeviceFacts) -> None:
    """Raises DeviceError where this device can't load it, which its own message would not say."""
    if not facts.emulated and program.interpreter not in (None, BIONIC):
        raise DeviceError(
            f"{program.test} asks for {program.interpreter}, which {facts.serial} has not, since "
            f"it is built for another Linux than Android; {HOW}"
        )
    if facts.page_size and program.alignment < facts.page_size:
        raise DeviceError(
            f"{program.test} or its library is made for pages of {program.alignment} bytes, but "
            f"{facts.serial} has pages of {facts.page_size}; link TNN with "
            f"-Wl,-z,max-page-size={facts.page_size}"
        )

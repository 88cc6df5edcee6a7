"""Google's NDK as a toolchain of CMake's, where the user has one."""

import re
from pathlib import Path

from android_bench.building.targets import Target
from android_bench.building.toolchain import Toolchain
from android_bench.errors import BenchError

TOOLCHAIN = "build/cmake/android.toolchain.cmake"
PROPERTIES = "source.properties"
# Android 8; 64 KB pages cover kernels with 16 KB ones.
ARGUMENTS = (
    "-DANDROID_ABI=arm64-v8a",
    "-DANDROID_PLATFORM=android-26",
    "-DANDROID_STL=c++_static",
    "-DCMAKE_CXX_FLAGS=-g0",
    "-DCMAKE_EXE_LINKER_FLAGS=-Wl,-z,max-page-size=65536",
)


def ndk_toolchain(ndk: Path, target: Target) -> Toolchain:
    """Raises BenchError where the folder is no NDK, or the target is not Android."""
    if target.processor != "aarch64":
        raise BenchError(f"the NDK builds for aarch64-android, not for {target.name}")
    revision = ndk_revision(ndk)
    file = (ndk / TOOLCHAIN).resolve()
    return Toolchain(
        f"NDK {revision}",
        key=(revision, *ARGUMENTS),
        write=lambda folder: (f"-DCMAKE_TOOLCHAIN_FILE={file}", *ARGUMENTS),
        environment={},
    )


def ndk_revision(ndk: Path) -> str:
    for name in (TOOLCHAIN, PROPERTIES):
        if not (ndk / name).is_file():
            raise BenchError(
                f"{ndk} is no Android NDK: there is no {name} in it; expected the folder that "
                "holds it, such as android-ndk-r27c or Sdk/ndk/27.2.12479018"
            )
    text = (ndk / PROPERTIES).read_text(errors="replace")
    found = re.search(r"^Pkg\.Revision\s*=\s*(\S+)", text, re.MULTILINE)
    if not found:
        raise BenchError(f"{ndk / PROPERTIES} has no line Pkg.Revision = …; is this an NDK?")
    return found[1]

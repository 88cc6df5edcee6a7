"""zig as a toolchain of CMake's: a compiler with C libraries for every target, from PyPI."""

import sys
from pathlib import Path

from android_bench.building import zig_compiler
from android_bench.building.packages import find_program
from android_bench.building.targets import Target
from android_bench.building.toolchain import Toolchain

# Static libraries as test programs, since linking one with another -mcpu makes zig build its C++
# library again, minutes each time; in the cache, since ncnn's CMake unsets the plain variable.
# And zig adds debug information where nobody asks for it, 46 MB of it.
TOOLCHAIN = """\
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR {processor})
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY CACHE STRING "")
set(CMAKE_C_COMPILER "{folder}/zig-cc")
set(CMAKE_CXX_COMPILER "{folder}/zig-c++")
set(CMAKE_AR "{folder}/zig-ar")
set(CMAKE_RANLIB "{folder}/zig-ranlib")
set(CMAKE_C_FLAGS_INIT "-g0")
set(CMAKE_CXX_FLAGS_INIT "-g0")
set(CMAKE_EXE_LINKER_FLAGS_INIT "{link}")
"""
COMPILER = """\
#!/bin/sh
exec '{python}' -IS '{wrapper}' '{zig}' {tool} -target {target} "$@"
"""
ARCHIVER = """\
#!/bin/sh
exec '{zig}' {tool} "$@"
"""
SCRIPTS = {"cc": COMPILER, "c++": COMPILER, "ar": ARCHIVER, "ranlib": ARCHIVER}


def zig_toolchain(target: Target, cache: Path) -> Toolchain:
    """With zig's own cache in that folder. Raises BenchError where zig is not installed."""
    zig = find_program("ziglang")
    wrapper = Path(zig_compiler.__file__)

    def write(folder: Path) -> tuple[str, ...]:
        for tool, text in SCRIPTS.items():
            script = folder / f"zig-{tool}"
            script.write_text(
                text.format(
                    python=sys.executable, wrapper=wrapper, zig=zig.path, tool=tool,
                    target=target.zig,
                )
            )  # fmt: skip
            script.chmod(0o755)
        file = folder / "toolchain.cmake"
        file.write_text(
            TOOLCHAIN.format(
                processor=target.processor, folder=folder, link=" ".join(target.link_flags)
            )
        )
        return (f"-DCMAKE_TOOLCHAIN_FILE={file}",)

    return Toolchain(
        f"zig {zig.version}",
        key=(zig.version, target.zig, *target.link_flags, TOOLCHAIN, wrapper.read_text()),
        write=write,
        environment={
            "ZIG_GLOBAL_CACHE_DIR": str(cache),
            "ZIG_LOCAL_CACHE_DIR": str(cache),
        },
    )

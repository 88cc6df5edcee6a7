"""The machines that the runner can be built for."""

import platform
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

from android_bench.errors import BenchError


@dataclass(frozen=True)
class Target:
    name: str  # as --target and the runner's own start event have it
    zig: str  # zig's name for it
    processor: str  # CMake's name for its processor
    link_flags: tuple[str, ...] = ()
    switches: dict[str, bool] = field(default_factory=dict)  # of ncnn, without the prefix NCNN_
    # What CMake must have found the compiler capable of. Where a test compile fails, ncnn's CMake
    # only warns and leaves the fast kernels out.
    needed: tuple[str, ...] = ()
    kernel_flags: str = ""  # of the compiler's, for ncnn alone


TARGETS = {
    target.name: target
    for target in (
        Target(
            "aarch64-android",
            # Static: neither Android's linker nor its C library has a say.
            "aarch64-linux-musl",
            "aarch64",
            ("-static",),
            {
                # The Cortex-A78 has none of these.
                **dict.fromkeys(("ARM84BF16", "ARM84I8MM", "ARM86SVE"), False),
            },
            ("NCNN_VFPV4", "NCNN_ARM82", "NCNN_ARM82DOT", "NCNN_ARM82FP16FML"),
        ),
        Target(
            "x86_64-linux",
            "x86_64-linux-gnu.2.28",
            "x86_64",
            (),
            # Two sets of kernels: the one that AVX2_CPU can run, and AVX-512's. ncnn's own way has
            # four more, for CPUs from before 2013, and takes three times as long to compile.
            {
                **dict.fromkeys(("AVX", "FMA", "F16C", "AVX2", "FMA4", "XOP"), False),
                "AVX512": True,
                **dict.fromkeys(("AVX512VNNI", "AVX512BF16", "AVX512FP16"), False),
            },
            ("NCNN_COMPILER_SUPPORT_X86_AVX512",),
            kernel_flags="-mavx2 -mfma -mf16c",
        ),
    )
}
AVX2_CPU = {"avx2", "fma", "f16c"}  # as /proc/cpuinfo calls what the kernels need at least
CPU_INFO = Path("/proc/cpuinfo")


def find_target(name: str) -> Target:
    """Raises BenchError, which lists the known ones."""
    if name not in TARGETS:
        raise BenchError(f"unknown target {name!r}: known are {', '.join(TARGETS)}")
    return TARGETS[name]


def host_target() -> str | None:
    """The target that this machine can run; None where there is none."""
    is_linux = (sys.platform, platform.machine()) == ("linux", "x86_64")
    return "x86_64-linux" if is_linux and cpu_flags(CPU_INFO) >= AVX2_CPU else None


def cpu_flags(cpu_info: Path) -> set[str]:
    """Of the first core; empty where the file does not say."""
    found = re.search(r"^flags\s*:(.*)$", cpu_info.read_text(), re.MULTILINE)
    return set(found[1].split()) if found else set()

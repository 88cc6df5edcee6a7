"""The machines that the runner can be built for."""

import platform
import sys
from dataclasses import dataclass, field

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
            {
                **dict.fromkeys(("FMA4", "XOP", "AVXVNNI", "AVXNECONVERT"), False),
                **dict.fromkeys(("AVX512VNNI", "AVX512BF16", "AVX512FP16"), False),
            },
            ("NCNN_AVX", "NCNN_FMA", "NCNN_AVX2", "NCNN_AVX512"),
        ),
    )
}
HOSTS = {("linux", "x86_64"): "x86_64-linux", ("linux", "AMD64"): "x86_64-linux"}


def find_target(name: str) -> Target:
    """Raises BenchError, which lists the known ones."""
    if name not in TARGETS:
        raise BenchError(f"unknown target {name!r}: known are {', '.join(TARGETS)}")
    return TARGETS[name]


def host_target() -> str | None:
    """The target that this machine can run; None where there is none."""
    return HOSTS.get((sys.platform, platform.machine()))

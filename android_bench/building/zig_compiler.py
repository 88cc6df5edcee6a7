"""zig as a C++ compiler for CMake, with the arguments put in zig's words.

Run as a program by each compilation, so it imports nothing slow: ZIG c++ -target T, then clang's.
"""

import os
import re
import sys
from collections.abc import Iterable

MARCH = re.compile(r"-march=armv(8(?:\.\d)?)-a((?:\+\w+)*)")
PROBE = re.compile(r"CMakeC(XX)?CompilerId\.c(pp)?")  # what CMake finds out the compiler's name by
ZIG_NAMES = {"fp16": "fullfp16"}  # the others are called the same


def rewritten(arguments: Iterable[str]) -> list[str]:
    """-march=armv8.2-a+fp16, "unknown CPU" to zig, becomes -mcpu=generic+v8_2a+fullfp16."""
    return [word for argument in arguments for word in rewrite(argument)]


def rewrite(argument: str) -> list[str]:
    """The probe is not linked: zig would build a C library for it, minutes of work."""
    return [argument, "-c"] if PROBE.fullmatch(argument) else [rewrite_march(argument)]


def rewrite_march(argument: str) -> str:
    found = MARCH.fullmatch(argument)
    if not found:
        return argument
    extensions = [ZIG_NAMES.get(name, name) for name in found[2].split("+")[1:]]
    return "+".join(("-mcpu=generic", f"v{found[1].replace('.', '_')}a", *extensions))


if __name__ == "__main__":
    os.execv(sys.argv[1], rewritten(sys.argv[1:]))

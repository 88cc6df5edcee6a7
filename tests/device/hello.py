"""A program for aarch64 that needs no compiler: an ELF file of eight instructions."""

import struct

BASE = 0x400000
HEADERS_BYTES = 64 + 56  # of the file and of its one segment
EM_AARCH64, ET_EXEC, PT_LOAD, READ_EXECUTE = 183, 2, 1, 5
SVC = 0xD4000001
ADR_X1_MESSAGE = 0x100000C1  # 24 bytes on: behind the instructions


def mov(register: int, value: int) -> int:
    """MOVZ Xregister, #value (Arm Architecture Reference Manual, C6.2.226)."""
    return 0xD2800000 | value << 5 | register


def aarch64_program(message: bytes, code: int) -> bytes:
    """Writes a message to stdout and exits with a code: Linux's calls 64 and 93."""
    write = [mov(8, 64), mov(0, 1), ADR_X1_MESSAGE, mov(2, len(message)), SVC]
    instructions = [*write, mov(8, 93), mov(0, code), SVC]
    body = struct.pack("<8I", *instructions) + message
    size = HEADERS_BYTES + len(body)
    identity = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    entry = BASE + HEADERS_BYTES
    file = struct.pack(
        "<16s2HI3QI6H", identity, ET_EXEC, EM_AARCH64, 1, entry, 64, 0, 0, 64, 56, 1, 0, 0, 0
    )
    segment = struct.pack("<2I6Q", PT_LOAD, READ_EXECUTE, 0, BASE, BASE, size, size, 4096)
    return file + segment + body

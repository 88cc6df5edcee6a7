"""ELF files that say what they are and hold nothing to run."""

import struct
from collections.abc import Sequence

AARCH64, X86_64 = 183, 62
OBJECT, PROGRAM, SHARED = 1, 2, 3
LINKER = "/system/bin/linker64"
LOAD, DYNAMIC, INTERPRETER = 1, 2, 3
NEEDED, STRINGS = 1, 5
HEADER_SIZE, SEGMENT_SIZE = 64, 56
ADDRESS = 0x10000  # where the file lies in memory


def elf(
    machine: int = AARCH64,
    kind: int = SHARED,
    interpreter: str | None = LINKER,
    needed: Sequence[str] = (),
    alignment: int = 0x4000,
    bits: int = 2,
) -> bytes:
    """As a linker would lay it out: header, segments, strings, and the dynamic section."""
    names = [name.encode() + b"\0" for name in needed]
    loader = (interpreter or "").encode() + b"\0"
    count = 1 + bool(interpreter) + bool(needed)
    strings_at = HEADER_SIZE + count * SEGMENT_SIZE + len(loader)
    table = b"\0" + b"".join(names)
    starts = [1 + sum(map(len, names[:index])) for index in range(len(names))]
    entries = [(NEEDED, start) for start in starts] + [(STRINGS, ADDRESS + strings_at), (0, 0)]
    dynamic = b"".join(struct.pack("<qQ", *entry) for entry in entries)
    end = strings_at + len(table) + len(dynamic)
    segments = [segment(LOAD, 0, end, alignment)]
    if interpreter:
        segments.append(segment(INTERPRETER, strings_at - len(loader), len(loader), 1))
    if needed:
        segments.append(segment(DYNAMIC, strings_at + len(table), len(dynamic), 8))
    ident = b"\x7fELF" + bytes([bits, 1, 1]) + bytes(9)
    header = struct.pack(
        "<16sHHIQQQIHHHHHH", ident, kind, machine, 1, 0, HEADER_SIZE, 0, 0, HEADER_SIZE,
        SEGMENT_SIZE, count, 0, 0, 0,
    )  # fmt: skip
    return header + b"".join(segments) + loader + table + dynamic


def segment(kind: int, offset: int, size: int, alignment: int) -> bytes:
    address = ADDRESS + offset
    return struct.pack("<IIQQQQQQ", kind, 4, offset, address, address, size, size, alignment)

"""What an ELF file says of itself: for which machine it is, and which libraries it loads."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from android_bench.errors import BenchError

MAGIC = b"\x7fELF"
# Of the System V ABI, chapters 4 (header) and 5 (program header, dynamic section).
HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
SEGMENT = struct.Struct("<IIQQQQQQ")
ENTRY = struct.Struct("<qQ")
CLASS_64, LITTLE_ENDIAN = 2, 1
KINDS = {1: "object", 2: "program", 3: "shared"}  # "shared" is a library or a program
MACHINES = {3: "x86", 40: "arm", 62: "x86_64", 183: "aarch64", 243: "riscv"}
LOAD, DYNAMIC, INTERPRETER = 1, 2, 3
NEEDED, STRINGS = 1, 5


@dataclass(frozen=True)
class Elf:
    machine: str  # aarch64, x86_64; a number where nobody here knows it
    kind: str  # program, shared, object
    interpreter: str | None  # what loads a program; None: it loads itself, or is a library
    needed: tuple[str, ...]  # libraries, by name
    alignment: int  # bytes; a system with larger pages can't load it


@dataclass(frozen=True)
class Segment:
    kind: int
    offset: int
    address: int
    size: int
    alignment: int


def read_elf(path: Path) -> Elf:
    """Raises BenchError for what is no ELF file of 64 bits, or is cut short."""
    if path.exists() and not path.is_file():  # a device or a pipe may never end
        raise BenchError(f"{path} is no file, expected an ELF file")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BenchError(f"can't read {path}: {error.strerror or error}") from error
    if not content.startswith(MAGIC):
        raise BenchError(f"{path} is no ELF file, it starts with {content[:4]!r}")
    try:
        return parse_elf(content)
    except (struct.error, ValueError, OverflowError) as error:
        raise BenchError(f"{path} is a damaged ELF file, or not one of 64 bits: {error}") from error


def parse_elf(content: bytes) -> Elf:
    ident, kind, machine, _, _, offset, _, _, _, _, count, *_ = HEADER.unpack_from(content)
    if (ident[4], ident[5]) != (CLASS_64, LITTLE_ENDIAN):
        raise ValueError(f"class {ident[4]}, byte order {ident[5]}")
    segments = [segment_at(content, offset + index * SEGMENT.size) for index in range(count)]
    return Elf(
        MACHINES.get(machine, str(machine)),
        KINDS.get(kind, str(kind)),
        next((text(content, s.offset) for s in segments if s.kind == INTERPRETER), None),
        tuple(needed(content, segments)),
        max((s.alignment for s in segments if s.kind == LOAD), default=1),
    )


def segment_at(content: bytes, offset: int) -> Segment:
    kind, _, start, address, _, size, _, alignment = SEGMENT.unpack_from(content, offset)
    return Segment(kind, start, address, size, alignment)


def needed(content: bytes, segments: list[Segment]) -> Iterator[str]:
    entries = [
        ENTRY.unpack_from(content, segment.offset + start)
        for segment in segments
        if segment.kind == DYNAMIC
        for start in range(0, segment.size, ENTRY.size)
    ]
    names = [value for tag, value in entries if tag == NEEDED]
    if names:
        address = next((value for tag, value in entries if tag == STRINGS), 0)
        strings = offset_of(address, segments)
        yield from (text(content, strings + name) for name in names)


def offset_of(address: int, segments: list[Segment]) -> int:
    """In the file, of what lies at that address in memory."""
    for segment in segments:
        if segment.kind == LOAD and segment.address <= address < segment.address + segment.size:
            return address - segment.address + segment.offset
    raise ValueError(f"no part of the file lies at address {address:#x}")


def text(content: bytes, offset: int) -> str:
    """Up to its zero byte. Raises ValueError where there is none."""
    return content[offset : content.index(b"\0", offset)].decode("utf-8", "replace")

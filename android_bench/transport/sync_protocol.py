"""What adbd's sync service says: files there and back.

Source: AOSP packages/modules/adb, SYNC.TXT and file_sync_protocol.h (version 1, every Android).
"""

import stat
import struct
import time
from typing import BinaryIO

from android_bench.errors import DeviceError, DeviceLostError
from android_bench.transport.base import Progress
from android_bench.transport.lines import shown
from android_bench.transport.stream import Reader, Stream

HEADER = struct.Struct("<4sI")  # id, and in most cases the length of what follows
STATUS = struct.Struct("<4s3I")  # STAT, mode, size modulo 2^32, time
CHUNK = 64 * 1024  # SYNC_DATA_MAX
BATCH = 15  # chunks a write, so that a packet of 1 MiB holds them
LONGEST_PATH = 1024  # bytes


def send_file(
    stream: Stream, source: BinaryIO, target: str, mode: int, progress: Progress | None
) -> None:
    """Raises DeviceError with the device's own reason, as soon as it gives one."""
    stream.write(request(b"SEND", f"{path_of(stream, target)},{stat.S_IFREG | mode}"))
    while not stream.has_answer() and (content := source.read(BATCH * CHUNK)):
        parts = (content[start : start + CHUNK] for start in range(0, len(content), CHUNK))
        stream.write(b"".join(HEADER.pack(b"DATA", len(part)) + part for part in parts))
        if progress is not None:
            progress(len(content))
    if not stream.has_answer():
        stream.write(HEADER.pack(b"DONE", int(time.time())))
    reader = Reader(stream)
    kind, size = HEADER.unpack(reader.exactly(HEADER.size))
    if kind != b"OKAY":
        raise refusal(reader, stream, kind, size, f"can't write {shown(target)}")


def receive_file(stream: Stream, source: str, target: BinaryIO) -> None:
    """Raises DeviceError where the device can't read it, or it changes meanwhile."""
    reader, size = Reader(stream), 0
    stream.write(request(b"STAT", path_of(stream, source)))
    _, mode, expected, _ = STATUS.unpack(reader.exactly(STATUS.size))
    stream.write(request(b"RECV", source))
    while True:
        kind, length = HEADER.unpack(reader.exactly(HEADER.size))
        if kind == b"DONE":
            break
        if kind != b"DATA" or length > CHUNK:
            raise refusal(reader, stream, kind, length, f"can't read {shown(source)}")
        size += target.write(reader.exactly(length))
    if stat.S_ISREG(mode) and size % 2**32 != expected:
        raise DeviceError(
            f"{shown(source)} on {stream.serial} changed while it was read: expected {expected} "
            f"bytes, got {size}; try again"
        )


def path_of(stream: Stream, path: str) -> str:
    """Raises DeviceError for a path that adbd would not take, or would take for another one."""
    size = len(path.encode(errors="surrogateescape"))
    if not path or "\0" in path or size > LONGEST_PATH:
        raise DeviceError(
            f"{stream.serial} can't have a file {shown(path) or path!r}: expected a path of 1 to "
            f"{LONGEST_PATH} bytes without NUL, got {size}"
        )
    return path


def request(kind: bytes, text: str) -> bytes:
    content = text.encode(errors="surrogateescape")
    return HEADER.pack(kind, len(content)) + content


def refusal(reader: Reader, stream: Stream, kind: bytes, size: int, failure: str) -> DeviceError:
    """The reason that the device gives; or that what it says makes no sense."""
    if kind != b"FAIL" or size > CHUNK:
        return DeviceLostError(f"{failure} on {stream.serial}: it sent what is no answer to that")
    reason = shown(reader.exactly(size).decode(errors="replace")) or "it gives no reason"
    return DeviceError(f"{failure} on {stream.serial}: {reason}")

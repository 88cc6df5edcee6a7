"""A conversation with one service of a device's adbd."""

from typing import Protocol

from android_bench.errors import DeviceLostError


class Stream(Protocol):
    """Bytes there and back. Every method raises DeviceLostError where the connection breaks."""

    serial: str

    def write(self, data: bytes) -> None:
        """Sends all of it, unless the device ended the stream: what it said can still be read."""
        ...

    def read(self) -> bytes:
        """What comes next, in pieces as they come; empty at the end."""
        ...

    def has_answer(self) -> bool:
        """Whether `read` would return at once."""
        ...

    def close(self) -> None: ...


class Reader:
    """Reads a stream in portions of known size."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._buffer = bytearray()

    def exactly(self, size: int) -> bytes:
        """Raises DeviceLostError where the stream ends before."""
        while len(self._buffer) < size:
            if not (piece := self._stream.read()):
                raise DeviceLostError(
                    f"{self._stream.serial} ended the conversation early: expected {size} bytes, "
                    f"got {len(self._buffer)}; see whether the phone is still there, and try again"
                )
            self._buffer += piece
        portion = bytes(self._buffer[:size])
        del self._buffer[:size]
        return portion

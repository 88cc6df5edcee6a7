"""A conversation with an adb server.

Source: AOSP packages/modules/adb, OVERVIEW.TXT and SERVICES.TXT.
"""

import os
import select
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from android_bench.errors import DeviceError, DeviceLostError
from android_bench.transport.lines import shown

PORT = 5037
LONGEST_REQUEST = 0xFFFF  # its length is four hexadecimal digits
PIECE = 64 * 1024


def server_address() -> str | tuple[str, int]:
    """Where adb's own clients look for the server; text is the path of a local socket.

    Raises DeviceError for what can't be one.
    """
    port = os.environ.get("ANDROID_ADB_SERVER_PORT", str(PORT))
    host = os.environ.get("ANDROID_ADB_SERVER_ADDRESS", "127.0.0.1")
    spec = os.environ.get("ADB_SERVER_SOCKET") or f"tcp:{host}:{port}"
    kind, _, where = spec.partition(":")
    if kind == "localfilesystem":
        return where
    host, _, port = where.rpartition(":")
    if kind != "tcp" or not (port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
        raise DeviceError(
            f"there can't be an adb server at {spec}: see ADB_SERVER_SOCKET and "
            "ANDROID_ADB_SERVER_PORT"
        )
    return host or "127.0.0.1", int(port)


def dial(timeout_s: float) -> socket.socket:
    """A connection to the server. Raises DeviceError where none runs."""
    address = server_address()
    try:
        if isinstance(address, tuple):
            return socket.create_connection(address, timeout_s)
        local = socket.socket(socket.AF_UNIX)
        try:
            local.settimeout(timeout_s)
            local.connect(address)
        except OSError:
            local.close()
            raise
        return local
    except OSError as error:
        where = address if isinstance(address, str) else ":".join(map(str, address))
        raise DeviceError(
            f"the adb server at {where} can't be reached ({error.strerror or error}): "
            "'adb start-server'"
        ) from error


class SocketStream:
    """A connection to the server, on which a service of a device begins after its requests."""

    def __init__(self, serial: str, silence_s: float) -> None:
        """Raises DeviceError where no server runs, and DeviceLostError for silence later on."""
        self.serial = serial
        self._silence_s = silence_s
        self._ended = False
        self._socket = dial(silence_s)

    def __enter__(self) -> "SocketStream":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def request(self, text: str | bytes) -> None:
        """Raises DeviceError with the server's reason where it refuses."""
        content = text.encode() if isinstance(text, str) else text
        if len(content) > LONGEST_REQUEST:
            raise DeviceError(
                f"a command for {self.serial} is too long for the adb server: expected at most "
                f"{LONGEST_REQUEST} bytes, got {len(content)}"
            )
        self.write(b"%04x%s" % (len(content), content))
        answer = self._exactly(4)
        if answer != b"OKAY":
            reason = self.text() if answer == b"FAIL" else "what answers there is no adb server"
            raise DeviceError(f"the adb server can't reach {self.serial}: {shown(reason)}")

    def text(self) -> str:
        """Text behind its length."""
        size = self._exactly(4)
        try:
            return self._exactly(int(size, 16)).decode(errors="replace")
        except ValueError as error:
            raise DeviceError("what answers there is no adb server") from error

    def _exactly(self, size: int) -> bytes:
        with self._at_work():
            data = self._socket.recv(size, socket.MSG_WAITALL)
        if len(data) < size:
            raise DeviceLostError(f"the adb server closed the connection to {self.serial}")
        return data

    def write(self, data: bytes) -> None:
        rest = memoryview(data)
        with self._at_work():
            try:
                while rest and not self._ended:
                    rest = rest[self._socket.send(rest) :]
            except ConnectionError:  # it left, but may have said why
                self._ended = True

    def read(self) -> bytes:
        with self._at_work():
            return self._socket.recv(PIECE)

    def has_answer(self) -> bool:
        return self._ended or bool(select.select([self._socket], [], [], 0)[0])

    def close(self) -> None:
        self._socket.close()

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        try:
            yield
        except TimeoutError as error:
            raise DeviceLostError(
                f"{self.serial} was silent for {self._silence_s:g} s: see whether the phone is "
                "still there"
            ) from error
        except OSError as error:
            raise DeviceLostError(
                f"the adb server lost {self.serial} ({error.strerror}): see whether the phone is "
                "still there"
            ) from error

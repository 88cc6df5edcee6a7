"""The bytes below adb-shell: over TCP or USB, with all that is sent going out.

adb-shell's own transports return from a write when a part was sent, and its callers take no notice:
on a slow link large pushes lose bytes and hang. These send the rest, too.
"""

import socket
import struct
from abc import abstractmethod
from typing import Any

from adb_shell.transport.base_transport import BaseTransport

PACKET = struct.Struct("<4s5I")  # command, two arguments, length, checksum, magic: adb.h, amessage


class Link(BaseTransport):  # type: ignore[misc]  # adb-shell has no types
    """Raises OSError only: TimeoutError for silence, ConnectionError where the other side left."""

    def __init__(self) -> None:
        self.is_connected = False
        self.handshake: bytearray | None = bytearray()  # what was received, until it is set to None

    @abstractmethod
    def send(self, data: memoryview, timeout_s: float | None) -> int:
        """Sends a part, and says how much."""

    @abstractmethod
    def receive(self, size: int, timeout_s: float | None) -> bytes:
        """At most that much; nothing where the other side has left."""

    def bulk_write(self, data: bytes, transport_timeout_s: float | None) -> int:
        rest = memoryview(data)
        while rest:
            rest = rest[self.send(rest, transport_timeout_s) :]
        return len(data)

    def bulk_read(self, numbytes: int, transport_timeout_s: float | None) -> bytes:
        piece = self.receive(numbytes, transport_timeout_s)
        if not piece:
            raise ConnectionResetError("the other side closed the connection")
        if self.handshake is not None:
            self.handshake += piece
        return piece


class TcpLink(Link):
    def __init__(self, host: str, port: int, send_buffer: int | None = None) -> None:
        """`send_buffer` sets the socket's SO_SNDBUF, in bytes."""
        super().__init__()
        self._address = (host, port)
        self._send_buffer = send_buffer
        self._socket: socket.socket | None = None

    def connect(self, transport_timeout_s: float | None) -> None:
        self._socket = socket.create_connection(self._address, transport_timeout_s)
        # A packet's head and content are two writes: else the second waits for an answer.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._send_buffer is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self._send_buffer)
        self.is_connected = True

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def send(self, data: memoryview, timeout_s: float | None) -> int:
        return self._waiting(timeout_s).send(data)

    def receive(self, size: int, timeout_s: float | None) -> bytes:
        return self._waiting(timeout_s).recv(size)

    def _waiting(self, timeout_s: float | None) -> socket.socket:
        if self._socket is None:
            raise ConnectionResetError("the connection is closed")
        self._socket.settimeout(timeout_s)
        return self._socket


class UsbLink(Link):
    """One of adb-shell's USB transports, with the errors that a socket has."""

    def __init__(self, transport: Any) -> None:
        super().__init__()
        self._transport = transport

    def connect(self, transport_timeout_s: float | None) -> None:
        self._transport.connect(transport_timeout_s)
        self.is_connected = True

    def close(self) -> None:
        self._transport.close()

    def send(self, data: memoryview, timeout_s: float | None) -> int:
        from adb_shell.exceptions import UsbWriteFailedError

        try:
            return int(self._transport.bulk_write(bytes(data), timeout_s))
        except UsbWriteFailedError as error:
            raise usb_fault(error) from error

    def receive(self, size: int, timeout_s: float | None) -> bytes:
        from adb_shell.exceptions import UsbReadFailedError

        try:
            return bytes(self._transport.bulk_read(size, timeout_s))
        except UsbReadFailedError as error:
            raise usb_fault(error) from error


def usb_fault(error: Exception) -> OSError:
    """The libusb error that both of adb-shell's carry last."""
    name = type(error.args[-1]).__name__
    return TimeoutError(name) if name == "USBErrorTimeout" else ConnectionResetError(name)


def banner(handshake: bytes | bytearray | None) -> str:
    """What the device said about itself when it took the connection: adb.h, A_CNXN.

    >>> banner(PACKET.pack(b"CNXN", 0, 0, 9, 0, 0) + b"device::x")
    'device::x'
    """
    rest = bytes(handshake or b"")
    while len(rest) >= PACKET.size:
        command, _, _, size, _, _ = PACKET.unpack_from(rest)
        content, rest = rest[PACKET.size : PACKET.size + size], rest[PACKET.size + size :]
        if command == b"CNXN":
            return content.decode(errors="replace")
    return ""


def features(said: str) -> frozenset[str]:
    r"""
    >>> sorted(features("device::ro.product.name=x;features=cmd,shell_v2\0"))
    ['cmd', 'shell_v2']
    """
    properties = said.rstrip("\0").partition("::")[2].split(";")
    named = (entry.removeprefix("features=") for entry in properties if "features=" in entry)
    return frozenset(",".join(named).split(","))

"""A device that an adb server on this machine already has, as after `adb devices` or a pairing.

Source: AOSP packages/modules/adb, OVERVIEW.TXT and SERVICES.TXT.
"""

import os
import select
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from android_bench.errors import DeviceError, DeviceLostError
from android_bench.transport.lines import shown
from android_bench.transport.services import ServiceTransport

PORT = 5037
LONGEST_REQUEST = 0xFFFF  # its length is four hexadecimal digits
PIECE = 64 * 1024
READY = "device"  # the state of a device that can be worked with
# What to do about the other states that a server gives.
STATES = {
    "unauthorized": "unlock the phone and allow USB debugging in its dialog",
    "authorizing": "unlock the phone and allow USB debugging in its dialog",
    "offline": "plug the phone in again, or 'adb reconnect'",
    "connecting": "wait a moment, and try again",
    "recovery": "start Android on the phone",
    "sideload": "start Android on the phone",
    "bootloader": "start Android on the phone",
    "no permissions": "add the udev rules for Android, and 'adb kill-server'",
}


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


def server_states(timeout_s: float) -> dict[str, str]:
    """The state of each device that the server knows; none where no server runs."""
    try:
        with SocketStream("the adb server", timeout_s) as stream:
            stream.request("host:devices")
            listed = stream.text()
    except DeviceError:
        return {}
    rows = (line.split("\t", 1) for line in listed.splitlines() if "\t" in line)
    return {serial: state.strip() for serial, state in rows}


def state_words(serial: str, state: str) -> str:
    """What a state that is not READY means, in a line."""
    advice = next((words for name, words in STATES.items() if state.startswith(name)), None)
    return f"{serial} is {shown(state)} to the adb server: {advice or 'see `adb devices`'}"


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


class ServerTransport(ServiceTransport):
    """Each service has a connection of its own to the server."""

    def __init__(self, serial: str, timeout_s: float) -> None:
        """Raises DeviceError unless the server has the device, ready for work."""
        super().__init__(serial)
        self._stream_in_use: SocketStream | None = None
        state = server_states(timeout_s).get(serial, "unknown")
        if state != READY:
            raise DeviceError(state_words(serial, state))
        with SocketStream(serial, timeout_s) as stream:
            stream.request(f"host-serial:{serial}:features")
            self._names = frozenset(stream.text().split(","))

    def _features(self) -> frozenset[str]:
        return self._names

    def _open(self, service: bytes, silence_s: float) -> SocketStream:
        self._stream_in_use = stream = SocketStream(self.serial, silence_s)
        try:
            stream.request(f"host:transport:{self.serial}")
            stream.request(service)
        except DeviceError:
            stream.close()
            raise
        return stream

    def _disconnect(self) -> None:
        if self._stream_in_use is not None:
            self._stream_in_use.close()

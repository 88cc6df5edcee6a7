"""A device whose adbd is spoken to directly, over TCP or USB, with adb-shell."""

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from adb_shell.adb_device import AdbDevice
from adb_shell.exceptions import (
    AdbTimeoutError,
    DeviceAuthError,
    InvalidChecksumError,
    InvalidCommandError,
    InvalidResponseError,
)

from android_bench.errors import DeviceError
from android_bench.transport.adb_stream import AdbStream
from android_bench.transport.keys import Key
from android_bench.transport.link import Link, TcpLink, banner, features
from android_bench.transport.services import ServiceTransport

PORT = re.compile("[0-9]{1,5}")
REACH, GREET, AUTHORISE, PAIRED = "reach", "greet", "authorise", "paired"
NOT_ADB = "what answers at {0} does not speak ADB: see whether the address and the port are right"
# What a fault means in each step of connecting; the first row that fits decides.
# {0} is the device, {1} the seconds waited for, {2} the reason, {3} the key's file.
FAULTS: tuple[tuple[str, tuple[type[Exception], ...], str], ...] = (
    (
        PAIRED,
        (Exception,),
        "{0} wants to be paired, which is for an adb server: 'adb pair' and 'adb connect' first, "
        "or 'adb tcpip 5555' over USB and then PHONE:5555",
    ),
    (
        REACH,
        (socket.gaierror, UnicodeError),
        "there is no host of the name in {0} ({2}): check it, or give the address in its place",
    ),
    (
        REACH,
        (ConnectionRefusedError,),
        "nobody listens at {0}: switch on USB debugging, 'adb tcpip 5555' over USB, and see "
        "whether the phone has this address",
    ),
    (
        REACH,
        (TimeoutError,),
        "no answer from {0} in {1:g} s: see whether the phone is on and in this network",
    ),
    (REACH, (OSError,), "can't reach {0} ({2}): see whether the phone is on and in this network"),
    (
        GREET,
        (TimeoutError, AdbTimeoutError),
        "{0} took the connection and then said nothing for {1:g} s: see whether a phone's adbd "
        "listens there; restart the phone's USB debugging if so",
    ),
    (
        GREET,
        (OSError,),
        "{0} closed the connection at once ({2}): see whether a phone's adbd listens there, and "
        "whether USB debugging is on",
    ),
    (
        AUTHORISE,
        (OSError, AdbTimeoutError, DeviceAuthError),
        "{0} does not accept the key {3} yet (unauthorised): unlock the phone, allow USB "
        "debugging in its dialog, and try again; or give another key with --keys",
    ),
    (
        "",
        (InvalidCommandError, InvalidChecksumError, InvalidResponseError),
        NOT_ADB,
    ),
)


class AdbTransport(ServiceTransport):
    def __init__(
        self,
        serial: str,
        make_link: Callable[[], Link],
        key: Key,
        timeout_s: float,
    ) -> None:
        """Connects. Raises DeviceError, which says what to do."""
        super().__init__(serial)
        self._make_link = make_link
        self._key = key
        self._timeout_s = timeout_s
        self._device: AdbDevice | None = None
        self._said = ""
        self._connect()

    def _connect(self) -> AdbDevice:
        link = self._make_link()
        asked: list[object] = []  # the device, if it asks its user
        device = AdbDevice(link, self._timeout_s)
        with connecting(self.serial, self._timeout_s, self._key.path, link, asked):
            device.connect(
                rsa_keys=[self._key],
                transport_timeout_s=self._timeout_s,
                auth_timeout_s=self._timeout_s,
                read_timeout_s=self._timeout_s,
                auth_callback=asked.append,
            )
        self._said, link.handshake, self._device = banner(link.handshake), None, device
        return device

    def _features(self) -> frozenset[str]:
        return features(self._said)

    def _open(self, service: bytes, silence_s: float) -> AdbStream:
        device = self._device or self._connect()
        return AdbStream(device, self.serial, service, silence_s)

    def _disconnect(self) -> None:
        if self._device is not None:
            self._device.close()
            self._device = None


@contextmanager
def connecting(
    serial: str, timeout_s: float, key: Path, link: Link, asked: list[object]
) -> Iterator[None]:
    """Closes the link where it fails, and raises DeviceError in the place of most errors."""
    try:
        yield
    except BaseException as error:
        step, reason = step_of(link, asked), getattr(error, "strerror", None) or error
        link.close()
        for of_step, kinds, words in FAULTS:
            if of_step in (step, "") and isinstance(error, kinds):
                raise DeviceError(words.format(serial, timeout_s, reason, key)) from error
        raise


def step_of(link: Link, asked: list[object]) -> str:
    if bytes(link.handshake or b"").startswith(b"STLS"):
        return PAIRED
    if asked:
        return AUTHORISE
    return GREET if link.is_connected else REACH


def over_tcp(
    serial: str,
    address: tuple[str, int],
    key: Key,
    timeout_s: float,
    send_buffer: int | None = None,
) -> AdbTransport:
    return AdbTransport(serial, lambda: TcpLink(*address, send_buffer), key, timeout_s)


def address_of(serial: str) -> tuple[str, int] | None:
    """The host and port of HOST:PORT or [HOST]:PORT; None for a serial of USB.

    Raises DeviceError for a port that can't be.

    >>> address_of("phone.lan:5555"), address_of("[::1]:5555"), address_of("1A2B3C4D")
    (('phone.lan', 5555), ('::1', 5555), None)
    """
    host, colon, port = serial.rpartition(":")
    if not colon or not host:
        return None
    if not (PORT.fullmatch(port) and 0 < int(port) < 65536):
        raise DeviceError(f"{serial!r} is no device: expected HOST:PORT with a port up to 65535")
    return host.removeprefix("[").removesuffix("]"), int(port)

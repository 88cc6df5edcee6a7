"""No phone hangs on a test machine: what adb-shell's USB transport does is played by an object."""

import pytest

pytest.importorskip(
    "usb1", reason="libusb1, of the extra 'usb', is not installed", exc_type=OSError
)

import usb1
from adb_shell.exceptions import UsbReadFailedError, UsbWriteFailedError

from android_bench.errors import DeviceError
from android_bench.transport.keys import Key, made_key
from android_bench.transport.link import UsbLink
from android_bench.transport.usb import over_usb, serial_of, usb_words


class Played:
    """Takes 1000 bytes at once, or raises."""

    port_path = (1, 4)

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.written = bytearray()

    def raise_error(self) -> None:
        if self.error is not None:
            raise self.error

    def bulk_write(self, data: bytes, timeout_s: float) -> int:
        self.raise_error()
        self.written += data[:1000]
        return len(data[:1000])

    def bulk_read(self, size: int, timeout_s: float) -> bytes:
        self.raise_error()
        return b"x" * size

    @property
    def serial_number(self) -> str:
        self.raise_error()
        return "1A2B"


def test_all_of_a_write_goes_out():
    played, data = Played(), bytes(range(256)) * 20
    assert UsbLink(played).bulk_write(data, 1) == len(data)
    assert played.written == data
    assert UsbLink(played).bulk_read(7, 1) == b"x" * 7


@pytest.mark.parametrize(
    ("cause", "expected"),
    [(usb1.USBErrorTimeout(), TimeoutError), (usb1.USBErrorNoDevice(), ConnectionResetError)],
)
def test_faults(cause, expected):
    with pytest.raises(expected):
        UsbLink(Played(UsbReadFailedError("", cause))).bulk_read(1, 1)
    with pytest.raises(expected):
        UsbLink(Played(UsbWriteFailedError("", cause))).bulk_write(b"x", 1)


def test_serials():
    assert serial_of(Played()) == ("1A2B", None)
    where, words = serial_of(Played(usb1.USBErrorAccess()))
    assert where == "USB port 1-4"
    assert words.startswith("this user may not open USB port 1-4: add the udev rules")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (usb1.USBErrorBusy(), "another program, most likely an adb server, holds X: 'adb kill-s"),
        (usb1.USBErrorIO(), "can't open X on USB (USBErrorIO): plug the phone in again"),
    ],
)
def test_words(error, words):
    assert usb_words("X", error).startswith(words)


def test_a_phone_that_something_else_holds(tmp_path, monkeypatch):
    class Held(Played):
        def connect(self, timeout_s: float) -> None:
            raise usb1.USBErrorBusy

        def close(self) -> None:
            pass

        @classmethod
        def find_adb(cls, serial: str, default_transport_timeout_s: float) -> "Held":
            return cls()

    monkeypatch.setattr("android_bench.transport.usb.usb_transports", lambda: Held)
    with pytest.raises(DeviceError, match="holds 1A2B: 'adb kill-server', and try again"):
        over_usb("1A2B", Key(made_key(tmp_path / "adbkey")), 1)

"""Phones on this machine's USB, spoken to without an adb server."""

from typing import Any

from android_bench.errors import DeviceError
from android_bench.transport.adb import AdbTransport
from android_bench.transport.keys import Key
from android_bench.transport.link import Link, UsbLink

NEEDS_LIBUSB = (
    "can't look for phones on USB: it needs libusb; pip install 'mobileinst-deploy[usb]' and the "
    "system's package libusb-1.0-0, or start an adb server ('adb start-server')"
)
# By the name of libusb's error; {0} is the device.
FAULTS = {
    "USBErrorBusy": "another program, most likely an adb server, holds {0}: 'adb kill-server', and "
    "try again",
    "USBErrorAccess": "this user may not open {0}: add the udev rules for Android (Debian: package "
    "android-sdk-platform-tools-common), plug the phone in again",
    "USBErrorNoDevice": "{0} was unplugged: plug it in again",
}
ANY_OTHER = "can't open {0} on USB ({1}): plug the phone in again, with USB debugging on"


def usb_transports() -> Any:
    """adb-shell's class for USB. Raises DeviceError where libusb is missing."""
    try:
        from adb_shell.transport.usb_transport import UsbTransport
    except (ImportError, OSError) as error:
        raise DeviceError(NEEDS_LIBUSB) from error
    return UsbTransport


def usb_phones() -> dict[str, str | None]:
    """What is wrong with each phone that has USB debugging on, by its serial; None: nothing.

    None at all where libusb is missing.
    """
    try:
        transports = usb_transports()
    except DeviceError:
        return {}
    return dict(map(serial_of, transports.find_all_adb_devices()))


def serial_of(transport: Any) -> tuple[str, str | None]:
    import usb1

    try:
        return str(transport.serial_number), None
    except usb1.USBError as error:
        where = f"USB port {'-'.join(map(str, transport.port_path))}"
        return where, usb_words(where, error)


def usb_words(serial: str, error: Exception) -> str:
    name = type(error).__name__
    return FAULTS.get(name, ANY_OTHER).format(serial, name)


def over_usb(serial: str, key: Key, timeout_s: float) -> AdbTransport:
    """Raises DeviceError where no phone has that serial or it can't be opened."""
    from adb_shell.exceptions import UsbDeviceNotFoundError

    transports = usb_transports()
    import usb1

    def make_link() -> Link:
        return UsbLink(transports.find_adb(serial, default_transport_timeout_s=timeout_s))

    try:
        return AdbTransport(serial, make_link, key, timeout_s)
    except UsbDeviceNotFoundError as error:
        raise DeviceError(
            f"no phone {serial!r} on USB: plug it in with USB debugging on; 'mobileinst devices' "
            "lists those that are there, and one in the network is HOST:PORT"
        ) from error
    except usb1.USBError as error:
        raise DeviceError(usb_words(serial, error)) from error

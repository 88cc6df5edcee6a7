"""Connections to devices: over TCP, USB or an adb server, and two that need no device."""

from pathlib import Path

from android_bench.transport.base import ShellResult, Transport

__all__ = ["ShellResult", "Transport", "connect"]

TIMEOUT_S = 10.0


def connect(serial: str, keys: Path | None = None, timeout_s: float = TIMEOUT_S) -> Transport:
    """Connects to a device: through an adb server if one knows it, else over TCP or USB.

    `serial`: HOST:PORT, or a serial of USB. `keys`: the private RSA key; with it, HOST:PORT is
    spoken to directly. `timeout_s`: how long each step may take, a dialog on the phone's screen
    included. Raises DeviceError, which says what to do.
    """
    # adb-shell and cryptography are wanted by those who connect only.
    from android_bench.transport.adb import address_of, over_tcp
    from android_bench.transport.keys import Key, default_key
    from android_bench.transport.server import ServerTransport, server_states
    from android_bench.transport.usb import over_usb

    address = address_of(serial)
    if not (address and keys) and serial in server_states(timeout_s):
        return ServerTransport(serial, timeout_s)
    key = Key(keys or default_key())
    if address:
        return over_tcp(serial, address, key, timeout_s)
    return over_usb(serial, key, timeout_s)

"""A device that an adb server on this machine already has, as after `adb devices` or a pairing."""

from android_bench.errors import DeviceError
from android_bench.transport.lines import shown
from android_bench.transport.server_socket import SocketStream
from android_bench.transport.services import ServiceTransport

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

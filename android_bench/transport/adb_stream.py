"""A stream over adb-shell: the one place that uses its private methods, of version 0.4.4.

Its public ones give no exit status and no stderr, lose a device's early refusal of a push and then
wait for it, and can't be given up. Used here: `_open`, `_read_until`, `_clse`, `_io_manager.send`
and `_maxdata` of AdbDevice. Everything above them is ours, and the packets and their
acknowledgements below them are adb-shell's.
"""

import math
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from adb_shell import constants
from adb_shell.adb_message import AdbMessage
from adb_shell.exceptions import (
    AdbTimeoutError,
    InvalidChecksumError,
    InvalidCommandError,
    InvalidResponseError,
)

from android_bench.errors import DeviceLostError

# The first class that fits decides; {0} is the device, {1} the seconds of silence, {2} the reason.
FAULTS: dict[type[Exception], str] = {
    TimeoutError: "{0} was silent for {1:g} s: see whether the phone is still there",
    AdbTimeoutError: "{0} was silent for {1:g} s: see whether the phone is still there",
    OSError: "the connection to {0} broke ({2}): see whether the phone is still there",
    InvalidCommandError: "{0} sent what is not ADB: connect again",
    InvalidChecksumError: "{0} sent damaged data: connect again",
    InvalidResponseError: "{0} sent what is no answer: connect again",
}
ANY_FAULT = tuple(FAULTS)


@contextmanager
def at_work(serial: str, silence_s: float) -> Iterator[None]:
    """Raises DeviceLostError in the place of what adb-shell or the link raises."""
    try:
        yield
    except ANY_FAULT as error:
        words = next(words for kind, words in FAULTS.items() if isinstance(error, kind))
        raise DeviceLostError(words.format(serial, silence_s, error)) from error


class AdbStream:
    def __init__(self, device: Any, serial: str, service: bytes, silence_s: float) -> None:
        """Opens it on a connected AdbDevice. Raises DeviceLostError, as every method."""
        self.serial = serial
        self._device = device
        self._silence_s = silence_s
        self._pieces: deque[bytes] = deque()
        self._ended = False
        with at_work(serial, silence_s):
            # The second time limit would end a read that is slow but not silent.
            self._info = device._open(service, silence_s, math.inf, None)

    def write(self, data: bytes) -> None:
        size = min(self._device._maxdata, constants.MAX_ADB_DATA)
        for start in range(0, len(data), size):
            if not self._ended:
                self._write_packet(data[start : start + size])

    def _write_packet(self, data: bytes) -> None:
        message = AdbMessage(constants.WRTE, self._info.local_id, self._info.remote_id, data)
        with at_work(self.serial, self._silence_s):
            self._device._io_manager.send(message, self._info)
        while self._receive(constants.OKAY) == constants.WRTE:
            pass  # the device speaks before it acknowledges

    def read(self) -> bytes:
        if not self._pieces and not self._ended:
            self._receive()
        return self._pieces.popleft() if self._pieces else b""

    def _receive(self, *kinds: bytes) -> bytes:
        """The next packet's kind; what it says is kept."""
        with at_work(self.serial, self._silence_s):
            kind, data = self._device._read_until(
                [*kinds, constants.WRTE, constants.CLSE], self._info
            )
        if kind == constants.WRTE and data:
            self._pieces.append(data)
        self._ended = self._ended or kind == constants.CLSE
        return bytes(kind)

    def has_answer(self) -> bool:
        return bool(self._pieces) or self._ended

    def close(self) -> None:
        """Ends it on both sides; a shell's command gets SIGHUP if it still runs."""
        with at_work(self.serial, self._silence_s):
            if not self._ended:
                self._ended = True
                self._device._clse(self._info)

"""A host that waits for seconds where users' hosts wait for up to two minutes."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from android_bench.transport import connect
from android_bench.transport.adb import AdbTransport
from android_bench.transport.stream import Stream

WAIT_S = 4.0


@contextmanager
def impatient(wait_s: float = WAIT_S) -> Iterator[None]:
    """No silence of a phone is borne any longer, neither in a greeting nor at work."""
    patient = AdbTransport._open

    def hurried(self: AdbTransport, service: bytes, silence_s: float) -> Stream:
        return patient(self, service, min(silence_s, wait_s))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connect, "__defaults__", (None, wait_s))
        patch.setattr(AdbTransport, "_open", hurried)
        yield

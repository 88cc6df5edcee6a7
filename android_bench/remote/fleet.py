"""Several devices at once: one that fails does not lose what the others found."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from android_bench.errors import BenchError

Result = TypeVar("Result")
FAREWELL_S = 60.0  # the longest that all devices together may take to be cleaned


class StoppedError(BenchError):
    """Work on a device that was broken off because all is to stop."""


@dataclass(frozen=True)
class Outcome(Generic[Result]):
    """What became of one device: a result, or the error that its work raised."""

    serial: str
    result: Result | None = None
    error: Exception | None = None


class Stop:
    """How the main thread, which alone hears of Ctrl-C, breaks off what others do."""

    def __init__(self) -> None:
        self.event = threading.Event()

    def check(self, *_: object) -> None:
        """To be called often: with each event of a run, with each chunk of an upload.

        Raises StoppedError, which a session takes as any other error: it cleans its device.
        """
        if self.event.is_set():
            raise StoppedError("stopped, as all devices are")


def on_all(
    serials: Sequence[str], work: Callable[[str, Stop], Result]
) -> tuple[Outcome[Result], ...]:
    """Does the work on each device, in a thread of its own; outcomes in the order of the serials.

    An interruption of the main thread (KeyboardInterrupt, SystemExit) stops all, waits until they
    have cleaned their devices, and is raised again.
    """
    stop, outcomes = Stop(), dict[str, Outcome[Result]]()
    serials = tuple(dict.fromkeys(serials))
    # Not Thread.join: one that was interrupted takes the thread for dead (CPython 3.11, bpo-46726).
    over = {serial: threading.Event() for serial in serials}
    threads = {
        serial: threading.Thread(
            target=attempt, args=(serial, work, stop, outcomes, over[serial]), daemon=True
        )
        for serial in serials
    }
    try:
        for thread in threads.values():
            thread.start()
        for event in over.values():
            event.wait()
    except BaseException:
        stop.event.set()
        for serial in (serial for serial in serials if threads[serial].ident):
            over[serial].wait(FAREWELL_S)
        raise
    return tuple(outcomes[serial] for serial in serials)


def attempt(
    serial: str,
    work: Callable[[str, Stop], Result],
    stop: Stop,
    outcomes: dict[str, Outcome[Result]],
    over: threading.Event,
) -> None:
    try:
        stop.check()
        outcomes[serial] = Outcome(serial, work(serial, stop))
    except Exception as error:
        outcomes[serial] = Outcome(serial, error=error)
    finally:
        over.set()

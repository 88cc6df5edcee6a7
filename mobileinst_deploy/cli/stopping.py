"""Ctrl-C, and SIGTERM as `timeout` and CI send it: a command unwinds and leaves nothing behind."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

import click

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stoppable() -> Iterator[None]:
    """Raises SystemExit with 128 + the signal's number, as shells have it, and says so in a line.

    Also where a library has caught the interruption and raised an error of its own.
    """
    received: list[int] = []

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        received.append(number)
        raise SystemExit(128 + number)

    before = {number: signal.getsignal(number) for number in SIGNALS}
    handled = [number for number, handler in before.items() if handler != signal.SIG_IGN]
    try:
        for number in handled:
            signal.signal(number, stop)
        yield
    except BaseException:
        if not received:
            raise
        click.echo("Interrupted: nothing is left half written.", err=True)
        raise SystemExit(128 + received[0]) from None
    finally:
        for number in handled:
            signal.signal(number, before[number])

"""Progress bars of measurements: drawn only now and then, and by no thread of their own."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mobileinst_deploy.cli.output import is_terminal

REFRESH_S = 0.2

Progress = Callable[[int, int], None]  # done, in all


@contextmanager
def progress_bars() -> Iterator[Callable[[str], Progress]]:
    """Yields a function that adds a bar with a title; on stderr if that is a terminal.

    A thread that draws would be measured along with the rest.
    """
    from rich.console import Console
    from rich.progress import Progress as Bars

    hidden = not is_terminal(sys.stderr)
    with Bars(
        console=Console(stderr=True), auto_refresh=False, transient=True, disable=hidden
    ) as bars:

        def add(title: str) -> Progress:
            task, drawn_s = bars.add_task(title, total=None), 0.0

            def show(done: int, total: int) -> None:
                nonlocal drawn_s
                if done == total or time.monotonic() - drawn_s > REFRESH_S:
                    drawn_s = time.monotonic()
                    bars.update(task, completed=done, total=total, refresh=True)

            return show

        yield add

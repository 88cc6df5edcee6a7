"""A progress bar on stderr, drawn only on a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mobileinst_deploy.cli.output import is_terminal

if TYPE_CHECKING:
    from rich.progress import Progress


@contextmanager
def steps(title: str, total: int | None = None) -> Iterator[Callable[[str], None]]:
    """Yields a function to call at the start of each step, with what the step does."""
    with progress_bar() as bar:
        task = bar.add_task(title, total=total)
        started = False

        def step(what: str) -> None:
            nonlocal started
            bar.update(task, description=f"{title}: {what}", advance=1 if started else 0)
            started = True

        yield step


@contextmanager
def fraction(title: str) -> Iterator[Callable[[str, int, int], None]]:
    """Yields a function to call with what is done, how much of it is, and how much there is."""
    with progress_bar() as bar:
        task = bar.add_task(title, total=None)

        def show(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        yield show


def progress_bar() -> "Progress":
    from rich.console import Console
    from rich.progress import Progress, TimeElapsedColumn

    return Progress(
        *Progress.get_default_columns()[:3],
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not is_terminal(sys.stderr),
    )

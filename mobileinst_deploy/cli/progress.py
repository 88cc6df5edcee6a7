"""A progress bar on stderr, drawn only on a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mobileinst_deploy.cli.output import is_terminal


@contextmanager
def steps(title: str, total: int | None = None) -> Iterator[Callable[[str], None]]:
    """Yields a function to call at the start of each step, with what the step does."""
    from rich.console import Console
    from rich.progress import Progress, TimeElapsedColumn

    with Progress(
        *Progress.get_default_columns()[:3],
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not is_terminal(sys.stderr),
    ) as bar:
        task = bar.add_task(title, total=total)
        started = False

        def step(what: str) -> None:
            nonlocal started
            bar.update(task, description=f"{title}: {what}", advance=1 if started else 0)
            started = True

        yield step

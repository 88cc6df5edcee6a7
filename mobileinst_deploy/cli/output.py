"""What the commands' outputs have in common."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from android_bench.transport.lines import printable
from export.errors import OutputExistsError

if TYPE_CHECKING:  # rich takes longer to import than `--help` should
    from rich.console import Console

PIPE_COLUMNS = 130  # the width of a table that goes into a file or a pipe


def check_output(output: Path | None, overwrite: bool) -> None:
    """Raises what is better said before the work than after it."""
    if output is None:
        return
    if output.exists() and not output.is_file():
        raise click.BadParameter(f"{output} is not a file", param_hint="--output")
    if output.exists() and not overwrite:
        raise OutputExistsError(f"{output} is there already; give --overwrite to replace it")
    if not output.parent.is_dir():
        raise click.BadParameter(f"there is no folder {output.parent}", param_hint="--output")


def note(line: str) -> None:
    """To people, on stderr: one line that no terminal obeys, whatever names it holds."""
    click.echo(printable(line), err=True)


def stdout_console() -> "Console":
    from rich.console import Console

    from mobileinst_deploy.cli.harmless import Harmless

    console = Console(width=None if is_terminal(sys.stdout) else PIPE_COLUMNS, emoji=False)
    console.push_render_hook(Harmless())
    return console


def is_terminal(stream: TextIO | None) -> bool:
    """None stands for a stream that the shell closed, as with 2>&-."""
    return stream is not None and stream.isatty()


format_option = click.option(
    "--format",
    "output_format",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="What is printed on stdout.",
)

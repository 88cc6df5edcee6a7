"""The `mobileinst` command as a user runs it, in this process, which has torch loaded already."""

import contextlib
import io
import sys
from dataclasses import dataclass
from unittest import mock

from mobileinst_deploy.cli.main import main


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


def run(*arguments: object) -> Ran:
    """Runs it, and fails the test where a traceback would reach the user."""
    out, err = (io.TextIOWrapper(io.BytesIO(), write_through=True) for _ in range(2))
    command = ["mobileinst", *map(str, arguments)]
    with (
        mock.patch.object(sys, "argv", command),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as exit_:
            code = exit_.code if isinstance(exit_.code, int) else 0
    return Ran(code, content(out), content(err))


def content(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()

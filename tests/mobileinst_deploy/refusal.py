"""What a refusal looks like: one line that says what is wrong, the right code, nothing changed."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.clips import clip
from tests.command import Ran, run

Prepare = Callable[[], object]
Capture = pytest.CaptureFixture[str]


def row(name: str, command: str, code: int, says: str, prepare: Prepare = lambda: None) -> Any:
    """A row of a table of refusals; `says` is a pattern that the one line has."""
    return pytest.param(command, code, says, prepare, id=name)


def refused(command: str, code: int, says: str, capfd: Capture) -> Ran:
    """Runs it in the current folder; also fails where a library writes past Python's streams."""
    before = tree(Path.cwd())
    ran = run(*shlex.split(command.format(clip=clip("bikes"))))
    assert ran.code == code, ran.err
    assert re.fullmatch(r"Error: [^\n]+\n", ran.err), ran.err
    assert re.search(says, ran.err), ran.err
    assert "Usage:" not in ran.err
    assert not ran.out or "--format json" in command
    assert "".join(capfd.readouterr()) == ""
    assert tree(Path.cwd()) == before
    return ran


def tree(root: Path) -> dict[str, object]:
    return {str(path): "folder" if path.is_dir() else facts(path) for path in root.rglob("*")}


def facts(path: Path) -> tuple[int, ...]:
    stat = path.lstat()
    return stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_mode


def replace(path: Path | str, data: bytes = b"text\n") -> Prepare:
    """Puts another file there; what shares its content with the old one keeps it."""

    def prepare() -> None:
        Path(path).unlink(missing_ok=True)
        Path(path).write_bytes(data)

    return prepare


def cut(path: Path, size: int = 1000) -> Prepare:
    return lambda: replace(path, path.read_bytes()[:size])()


def folder(name: str, *files: str) -> Prepare:
    def prepare() -> None:
        Path(name).mkdir()
        for file in files:
            Path(name, file).write_text('{"name": "somebody else\'s app"}')

    return prepare

"""The runner as a process: what it is told, and what it says."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

Event = dict[str, Any]
Command = tuple[str, ...]  # the program, behind an emulator where it needs one
PATIENCE_S = 300


@dataclass(frozen=True)
class Ended:
    code: int
    events: list[Event]
    err: str

    def of(self, kind: str) -> list[Event]:
        return [event for event in self.events if event["event"] == kind]

    def one(self, kind: str) -> Event:
        (event,) = self.of(kind)
        return event


def run_program(
    command: Command, *arguments: object, stdin: str = "", cwd: Path | None = None
) -> Ended:
    """To its end; fails the test where stdout holds anything but strict JSON lines."""
    ran = subprocess.run(
        [*command, *map(str, arguments)],
        input=stdin.encode(),
        capture_output=True,
        timeout=PATIENCE_S,
        cwd=cwd,
    )
    return Ended(ran.returncode, parse(ran.stdout.decode()), ran.stderr.decode())


def parse(text: str) -> list[Event]:
    assert not text or text.endswith("\n")
    return [json.loads(line, parse_constant=refuse_constant) for line in text.splitlines()]


def refuse_constant(name: str) -> NoReturn:
    raise AssertionError(f"{name} is not strict JSON")


def succeeded(command: Command, *arguments: object, **how: Any) -> Ended:
    ended = run_program(command, *arguments, **how)
    assert ended.code == 0, ended.err
    assert ended.events[0]["event"] == "start"
    assert ended.events[-1]["event"] == "end"
    return ended


def refused(command: Command, code: int, arguments: Sequence[object], **how: Any) -> str:
    """The message: the same line as an event and on stderr, and nothing behind it."""
    ended = run_program(command, *arguments, **how)
    assert ended.code == code, (ended.code, ended.err)
    assert ended.one("error") == {**ended.events[-1], "code": code}
    message = str(ended.events[-1]["message"])
    assert ended.err.splitlines()[-1] == f"mobileinst-runner: {message}"
    return message

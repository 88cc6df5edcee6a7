"""What the rest of the package needs of a device: a shell, and files there and back."""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from android_bench.errors import DeviceError

SILENCE_S = 30.0
OnLine = Callable[[str], None]
Progress = Callable[[int], None]


@dataclass(frozen=True)
class ShellResult:
    stdout: str  # UTF-8; what is not, is replaced
    stderr: str
    code: int  # the command's exit status


class Transport(Protocol):
    """A connection to a device. Every method raises DeviceLostError where the connection breaks.

    After that each call raises DeviceLostError at once: connect again.
    """

    serial: str  # how the user names the device: HOST:PORT, or a serial of USB

    def shell(
        self,
        arguments: Sequence[str],
        *,
        silence_s: float = SILENCE_S,
        on_line: OnLine | None = None,
    ) -> ShellResult:
        """Runs a program there and waits for it, with nothing on its stdin.

        The arguments reach it as they are. A script is ("sh", "-c", CONSTANT, "sh", value, …):
        values are positional parameters, never part of the script. `on_line` gets each line of
        stdout, without its end, as soon as it is complete. Raises DeviceLostError after `silence_s`
        seconds without output.
        """
        ...

    def push(
        self,
        source: Path | bytes,
        target: str,
        mode: int = 0o644,
        progress: Progress | None = None,
    ) -> None:
        """Copies a file to the device; `progress` gets the bytes of each chunk.

        adbd allows group and others what `mode` allows the owner.
        Raises DeviceError where it can't be written there, and OSError where it can't be read here.
        """
        ...

    def pull(self, source: str, target: Path) -> None:
        """Copies a file from the device; the target appears whole or not at all.

        Raises DeviceError where it can't be read there, and OSError where it can't be written here.
        """
        ...

    def close(self) -> None:
        """Can be called again."""
        ...


def command_line(arguments: Sequence[str]) -> str:
    """The arguments as a POSIX shell reads them back.

    Raises DeviceError for a NUL, which no program can be given, and where there is no program.

    >>> command_line(["echo", "it's $HOME"])
    'echo \\'it\\'"\\'"\\'s $HOME\\''
    """
    if not arguments or any("\0" in argument for argument in arguments):
        raise DeviceError(f"can't run {list(arguments)!r} on a device: expected words without NUL")
    return shlex.join(arguments)

"""A device that is a function and a dict: what is above the transport can be tried without one."""

from collections.abc import Callable, Sequence
from pathlib import Path

from android_bench.errors import DeviceError, DeviceLostError
from android_bench.files import becoming
from android_bench.transport.base import SILENCE_S, OnLine, Progress, ShellResult, command_line
from android_bench.transport.lines import Text

Handler = Callable[[Sequence[str]], ShellResult | str]
CHUNK = 64 * 1024


class MemoryTransport:
    """Answers commands with `handler`, and keeps files in `files` and their modes in `modes`.

    A handler that returns text stands for a command that prints it and succeeds.
    """

    def __init__(
        self,
        handler: Handler,
        files: dict[str, bytes] | None = None,
        serial: str = "memory",
    ) -> None:
        self.serial = serial
        self.files = {} if files is None else files
        self.modes: dict[str, int] = {}
        self.commands: list[tuple[str, ...]] = []  # as they came
        self._handler = handler
        self._closed = False

    def shell(
        self,
        arguments: Sequence[str],
        *,
        silence_s: float = SILENCE_S,
        on_line: OnLine | None = None,
    ) -> ShellResult:
        self._check_open()
        command_line(arguments)
        self.commands.append(tuple(arguments))
        answer = self._handler(arguments)
        result = ShellResult(answer, "", 0) if isinstance(answer, str) else answer
        Text(on_line).feed(result.stdout.encode())
        return result

    def push(
        self,
        source: Path | bytes,
        target: str,
        mode: int = 0o644,
        progress: Progress | None = None,
    ) -> None:
        self._check_open()
        content = source if isinstance(source, bytes) else source.read_bytes()
        for start in range(0, len(content), CHUNK):
            if progress is not None:
                progress(len(content[start : start + CHUNK]))
        self.files[target], self.modes[target] = content, mode

    def pull(self, source: str, target: Path) -> None:
        self._check_open()
        if source not in self.files:
            raise DeviceError(f"can't read {source} on {self.serial}: there is no such file")
        with becoming(target) as partial:
            partial.write_bytes(self.files[source])

    def close(self) -> None:
        self._closed = True

    def _check_open(self) -> None:
        if self._closed:
            raise DeviceLostError(f"the connection to {self.serial} is closed; connect again")

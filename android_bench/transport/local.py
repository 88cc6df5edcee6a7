"""This machine's own /bin/sh plays a device, whose files lie in a folder."""

import os
import selectors
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from android_bench.errors import DeviceError, DeviceLostError
from android_bench.files import becoming
from android_bench.transport.base import SILENCE_S, OnLine, Progress, ShellResult, command_line
from android_bench.transport.lines import Text

CHUNK = 64 * 1024


class LocalTransport:
    """Runs real processes in the folder, and copies files into it and out of it, but no others.

    Relative paths are in the folder. `environment` is added to this process's: a PATH with a
    folder of `getprop` and the like in front plays a phone.
    """

    def __init__(
        self,
        root: Path,
        environment: Mapping[str, str] | None = None,
        serial: str = "local",
    ) -> None:
        self.serial = serial
        self.root = root.resolve()
        self._environment = {**os.environ, **(environment or {})}
        self._closed = False

    def shell(
        self,
        arguments: Sequence[str],
        *,
        silence_s: float = SILENCE_S,
        on_line: OnLine | None = None,
    ) -> ShellResult:
        self._check_open()
        out, err = Text(on_line), Text()
        process = subprocess.Popen(
            ["/bin/sh", "-c", command_line(arguments)],
            cwd=self.root,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            for text, piece in self._pieces({process.stdout: out, process.stderr: err}, silence_s):
                text.feed(piece)
            code = process.wait()
        finally:
            stop(process)
        return ShellResult(out.end(), err.end(), code if code >= 0 else 128 - code)

    def _pieces(
        self, texts: Mapping[IO[bytes] | None, Text], silence_s: float
    ) -> Iterator[tuple[Text, bytes]]:
        """What comes, until all streams end. Raises DeviceLostError where nothing comes."""
        with selectors.DefaultSelector() as selector:
            for stream, text in texts.items():
                if stream is not None:
                    selector.register(stream, selectors.EVENT_READ, text)
            while selector.get_map():
                if not (ready := selector.select(silence_s)):
                    self._closed = True
                    raise DeviceLostError(f"{self.serial} was silent for {silence_s:g} s")
                for key, _ in ready:
                    if not (piece := os.read(key.fd, CHUNK)):
                        selector.unregister(key.fileobj)
                    yield key.data, piece

    def push(
        self,
        source: Path | bytes,
        target: str,
        mode: int = 0o644,
        progress: Progress | None = None,
    ) -> None:
        content = source if isinstance(source, bytes) else source.read_bytes()
        path = self._path(target)
        try:
            with path.open("wb") as file:
                for start in range(0, len(content), CHUNK):
                    size = file.write(content[start : start + CHUNK])
                    if progress is not None:
                        progress(size)
            path.chmod(mode)
        except OSError as error:
            raise DeviceError(f"can't write {target} on {self.serial}: {error.strerror}") from error

    def pull(self, source: str, target: Path) -> None:
        path = self._path(source)
        try:
            stream = path.open("rb")
        except OSError as error:
            raise DeviceError(f"can't read {source} on {self.serial}: {error.strerror}") from error
        with stream, becoming(target) as partial, partial.open("wb") as file:
            shutil.copyfileobj(stream, file)

    def close(self) -> None:
        self._closed = True

    def _check_open(self) -> None:
        if self._closed:
            raise DeviceLostError(f"the connection to {self.serial} is closed; connect again")

    def _path(self, name: str) -> Path:
        self._check_open()
        path = (self.root / name).resolve()
        if not path.is_relative_to(self.root):
            raise DeviceError(f"{name} is not in {self.root}, which holds the files of this device")
        return path


def stop(process: subprocess.Popen[bytes]) -> None:
    """Kills what is left of the process and of what it started, and closes its streams."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()

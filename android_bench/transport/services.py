"""A device whose adbd is reached somehow: the same services over TCP, USB or an adb server."""

import io
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from android_bench.errors import DeviceLostError
from android_bench.files import becoming
from android_bench.transport.base import SILENCE_S, OnLine, Progress, ShellResult, command_line
from android_bench.transport.shell_protocol import Sentinel, read_shell
from android_bench.transport.stream import Stream
from android_bench.transport.sync_protocol import receive_file, send_file

SHELL_V2 = "shell_v2"  # the feature's name: transport.cpp, kFeatureShell2


class ServiceTransport(ABC):
    """A Transport, for those who can open a stream to a service.

    After an interruption, Ctrl-C above all, the next call connects anew, so that what was begun
    can be cleaned up.
    """

    def __init__(self, serial: str) -> None:
        self.serial = serial
        self.file_silence_s = SILENCE_S  # the longest wait for a word while a file is copied
        self._closed = False

    @abstractmethod
    def _open(self, service: bytes, silence_s: float) -> Stream:
        """Raises DeviceError, DeviceLostError where the device was there before."""

    @abstractmethod
    def _features(self) -> frozenset[str]:
        """What the device's adbd can do, by the names that ADB has for it."""

    @abstractmethod
    def _disconnect(self) -> None:
        """Lets go of the connection; a later `_open` makes another one."""

    def shell(
        self,
        arguments: Sequence[str],
        *,
        silence_s: float = SILENCE_S,
        on_line: OnLine | None = None,
    ) -> ShellResult:
        command = f"{command_line(arguments)} </dev/null"
        if SHELL_V2 in self._features():
            with self._stream(f"shell,v2,raw:{command}", silence_s) as stream:
                return read_shell(stream, on_line)
        sentinel = Sentinel()
        with self._stream(f"shell:{sentinel.around(command)}", silence_s) as stream:
            return sentinel.read_shell(stream, on_line)

    def push(
        self,
        source: Path | bytes,
        target: str,
        mode: int = 0o644,
        progress: Progress | None = None,
    ) -> None:
        with (
            io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as content,
            self._stream("sync:", self.file_silence_s) as stream,
        ):
            send_file(stream, content, target, mode, progress)

    def pull(self, source: str, target: Path) -> None:
        with (
            becoming(target) as partial,
            partial.open("wb") as file,
            self._stream("sync:", self.file_silence_s) as stream,
        ):
            receive_file(stream, source, file)

    def close(self) -> None:
        self._closed = True
        self._disconnect()

    @contextmanager
    def _stream(self, service: str, silence_s: float) -> Iterator[Stream]:
        if self._closed:
            raise DeviceLostError(f"the connection to {self.serial} is closed; connect again")
        try:
            stream = self._open(service.encode(errors="surrogateescape"), silence_s)
            try:
                yield stream
            except DeviceLostError:
                raise
            except Exception:
                stream.close()
                raise
            stream.close()
        except DeviceLostError:
            self.close()
            raise
        except Exception:
            raise
        except BaseException:  # it may have come between a packet's head and its content
            self._disconnect()
            raise

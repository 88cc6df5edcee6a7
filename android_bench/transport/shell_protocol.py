"""What adbd's shell service says: the streams apart and the exit status, or all in one.

Sources: AOSP packages/modules/adb, shell_protocol.h (version 2, since Android 7) and SERVICES.TXT.
"""

import secrets
import struct

from android_bench.errors import DeviceLostError
from android_bench.transport.base import OnLine, ShellResult
from android_bench.transport.lines import Text
from android_bench.transport.stream import Reader, Stream

HEADER = struct.Struct("<BI")  # ShellProtocol: id, length
STDOUT, STDERR, EXIT = 1, 2, 3  # ShellProtocol::Id
LARGEST = 16 * 2**20  # bytes of a packet; adbd's own are below 1 MiB


def read_shell(stream: Stream, on_line: OnLine | None) -> ShellResult:
    """Follows version 2 until the exit status comes. Raises DeviceLostError where it doesn't."""
    reader = Reader(stream)
    out, err = Text(on_line), Text()
    texts = {STDOUT: out, STDERR: err}
    while True:
        kind, size = HEADER.unpack(reader.exactly(HEADER.size))
        if size > LARGEST:
            raise DeviceLostError(f"{stream.serial} sent what is not a shell's output")
        content = reader.exactly(size)
        if kind == EXIT and content:
            return ShellResult(out.end(), err.end(), content[0])
        if kind in texts:
            texts[kind].feed(content)


class Sentinel:
    """How an exit status is had of a shell that doesn't give it: the command's last word is ours.

    What goes to stderr comes in stdout, since such a shell does not tell them apart.
    """

    def __init__(self) -> None:
        self._word = f"exit-{secrets.token_hex(16)}:"

    def around(self, command: str) -> str:
        return f"{command}; printf '%s%d' {self._word} $?"

    def read_shell(self, stream: Stream, on_line: OnLine | None) -> ShellResult:
        """Raises DeviceLostError where the last word doesn't come."""
        text = Text(on_line)
        while piece := stream.read():
            text.feed(piece)
        out, _, code = text.end().rpartition(self._word)
        if not code.isdecimal():
            raise DeviceLostError(f"{stream.serial} ended a command before it was done; try again")
        return ShellResult(out.replace("\r\n", "\n"), "", int(code))  # a terminal's line ends

"""Text that comes in pieces, cut anywhere, also within a character."""

import codecs

from android_bench.transport.base import OnLine

LONGEST = 200  # characters of a name or a message that are worth showing


class Text:
    """Gathers UTF-8 and hands on each line, without its end, as soon as it is complete."""

    def __init__(self, on_line: OnLine | None = None) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._on_line = on_line
        self._parts: list[str] = []
        self._unfinished = ""

    def feed(self, piece: bytes) -> None:
        self._add(self._decoder.decode(piece))

    def end(self) -> str:
        """The whole text."""
        self._add(self._decoder.decode(b"", final=True))
        return "".join(self._parts)

    def _add(self, text: str) -> None:
        self._parts.append(text)
        if self._on_line is None:
            return
        *lines, self._unfinished = (self._unfinished + text).split("\n")
        for line in lines:
            self._on_line(line.removesuffix("\r"))


def printable(text: str) -> str:
    r"""One line without what a terminal would obey.

    >>> printable("Pixel \x1b[31m8\n")
    'Pixel  [31m8'
    """
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()


def shown(text: str) -> str | None:
    """A name or a reason that a device gives, fit to be printed; None where nothing is left."""
    return printable(text)[:LONGEST] or None

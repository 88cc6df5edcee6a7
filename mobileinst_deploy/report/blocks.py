"""What the page is made of: plain data, which the template alone turns into HTML.

A `Part` is what one result shows. It can't be made without its conditions, so that no figure
stands on the page without them; what has none becomes a `LeftOut`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from markupsafe import Markup

Tone = Literal["", "pass", "fail", "warn", "quiet"]


@dataclass(frozen=True)
class Cell:
    text: str
    tone: str = ""  # a class of the style sheet
    note: str = ""  # smaller, below the text


@dataclass(frozen=True)
class Table:
    """The first column names the rows; `words`: the columns that hold no numbers."""

    kind: ClassVar[str] = "table"
    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell | str]]
    words: Sequence[int] = (0,)
    folded: bool = False  # behind a line to open; printed all the same
    look: str = ""  # a class of the style sheet


@dataclass(frozen=True)
class Facts:
    kind: ClassVar[str] = "facts"
    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Figure:
    """A picture drawn twice: for a page of paper or a desk's screen, and for a phone's."""

    kind: ClassVar[str] = "figure"
    title: str
    caption: str
    wide: Markup
    narrow: Markup


@dataclass(frozen=True)
class Note:
    kind: ClassVar[str] = "note"
    text: str
    tone: Tone = ""


@dataclass(frozen=True)
class Doubts:
    """Reasons to doubt the figures beside it: the first few at once, the rest behind a line."""

    kind: ClassVar[str] = "doubts"
    lines: Sequence[str]
    shown: ClassVar[int] = 3


Block = Table | Facts | Figure | Note | Doubts


@dataclass(frozen=True)
class Part:
    title: str
    conditions: Facts
    blocks: Sequence[Block]
    badge: Cell | None = None  # the verdict


@dataclass(frozen=True)
class Section:
    anchor: str
    title: str
    finding: str  # what it comes to, in one line
    explanation: str  # how to read it
    parts: Sequence[Part]


@dataclass(frozen=True)
class LeftOut:
    """A figure that is not shown."""

    what: str
    why: str


@dataclass(frozen=True)
class Made:
    """What a section makes of the results; None: there are none of its kind."""

    section: Section | None
    left_out: Sequence[LeftOut] = ()

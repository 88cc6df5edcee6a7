"""Text that names what others named: a terminal is not to obey what a name holds."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook
from rich.segment import Segment


class Harmless(RenderHook):
    """For `Console.push_render_hook`: drops what is not printable. Colours of our own stay."""

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [Cleaned(renderable) for renderable in renderables]


@dataclass(frozen=True)
class Cleaned:
    inner: ConsoleRenderable

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        for segment in console.render(self.inner, options):
            yield segment if segment.control else Segment(cleaned(segment.text), segment.style)


def cleaned(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable() or letter == "\n")

"""Texts in a picture: how large, how wide, in how many lines, and where they don't meet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

Colour = tuple[int, int, int]

FONT = cv2.FONT_HERSHEY_SIMPLEX


@dataclass(frozen=True)
class Style:
    """Sizes in pixels that suit a picture's width."""

    font_scale: float
    line: int  # thickness of contours
    stroke: int  # thickness of letters
    margin: int  # around a text


def style_for(width: int) -> Style:
    """Letters of about 1/50 of the width, and no smaller than can be read."""
    scale = max(0.45, width / 1400)
    return Style(scale, max(1, width // 500), 1 if scale < 0.8 else 2, max(3, width // 160))


def text_size(text: str, style: Style) -> tuple[int, int]:
    """Width and height in pixels, the height above the baseline."""
    (width, height), _ = cv2.getTextSize(text, FONT, style.font_scale, style.stroke)
    return width, height


def write(
    target: NDArray[np.uint8], text: str, start: tuple[int, int], ink: Colour, style: Style
) -> None:
    cv2.putText(target, text, start, FONT, style.font_scale, ink, style.stroke, cv2.LINE_AA)


def wrap(text: str, width: int, style: Style) -> list[str]:
    """Breaks between words so that each line fits; a word wider than that stays whole."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_size(longer, style)[0] <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@dataclass(frozen=True)
class Box:
    """Pixels from `left` and `top` on."""

    left: int
    top: int
    width: int
    height: int

    def meets(self, other: "Box") -> bool:
        return (
            self.left < other.left + other.width
            and other.left < self.left + self.width
            and self.top < other.top + other.height
            and other.top < self.top + self.height
        )


def box_around(x: int, y: int, text: str, style: Style, area: tuple[int, int]) -> Box:
    """Of a text whose middle is x, y; moved so far that it lies in the area, (height, width)."""
    width, height = (side + 2 * style.margin for side in text_size(text, style))
    left = max(0, min(x - width // 2, area[1] - width))
    return Box(left, max(0, min(y - height // 2, area[0] - height)), width, height)


def clear_of(box: Box, taken: Sequence[Box], height: int) -> Box:
    """The nearest place above or below that meets none, within the height; else where it is."""
    for top in sorted(free_tops(box, taken), key=lambda top: abs(top - box.top)):
        moved = replace(box, top=top)
        if 0 <= top <= height - box.height and not any(map(moved.meets, taken)):
            return moved
    return box


def free_tops(box: Box, taken: Sequence[Box]) -> Iterable[int]:
    """Where it is, and close above and below each of the others."""
    yield box.top
    for other in taken:
        yield other.top - box.height
        yield other.top + other.height

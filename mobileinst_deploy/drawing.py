"""Masks, labels and a caption over a picture, and masks from the network's grid to a picture."""

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from export.live_kernels import sigmoid
from models.preprocessing import Preprocessing, check_picture, place

Picture = NDArray[np.uint8]  # [h, w, 3] RGB
Mask = NDArray[np.bool_]  # [h, w]
Colour = tuple[int, int, int]

GOLDEN_RATIO = 0.618034  # steps of it around the hue circle never come close to an earlier one soon
BRIGHTNESS = (1.0, 0.6, 0.8)  # in turn, to tell hues apart that do come close
FILL = 0.45  # how much of a mask's colour covers the picture
STRIP = 0.7  # how dark the caption's background is
FONT = cv2.FONT_HERSHEY_SIMPLEX
WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)


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


def restore_masks(
    mask_logits: NDArray[np.float32], height: int, width: int, preprocessing: Preprocessing
) -> NDArray[np.float32]:
    """Mask logits [n, h, w] on the network's 1/8 grid -> probabilities [n, height, width].

    Sigmoid, bilinear to the network's input, cut to where the picture lies in it (`place`),
    bilinear to the picture, as SparseInst's inference does.
    """
    placement = place(height, width, preprocessing)
    probabilities = sigmoid(mask_logits)
    result = np.empty((len(probabilities), height, width), np.float32)
    for index, probability in enumerate(probabilities):
        whole = resize(probability, preprocessing.height, preprocessing.width)
        result[index] = resize(whole[: placement.height, : placement.width], height, width)
    return result


def resize(mask: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    return cast(NDArray[np.float32], cv2.resize(mask, (width, height)))


def draw_masks(
    picture: Picture,
    mask_probabilities: NDArray[Any],
    labels: Sequence[str],
    threshold: float,
    caption: str | None = None,
) -> Picture:
    """A copy of [h, w, 3] uint8 RGB with each mask [n, h, w] above the threshold drawn over it.

    The colour depends on the mask's place in the list alone. An empty mask leaves no trace.
    Raises ValueError where the shapes or the number of labels do not fit together.
    """
    check_picture(picture)
    expected = (len(labels), *picture.shape[:2])
    if mask_probabilities.shape != expected:
        raise ValueError(
            f"expected masks of shape {expected}, as many as labels and as large as the picture, "
            f"got {mask_probabilities.shape}"
        )
    style = style_for(picture.shape[1])
    masks = [probability > threshold for probability in mask_probabilities]
    result = picture.copy()
    for index, mask in enumerate(masks):
        draw_mask(result, mask, colour(index), style)
    for index, mask in enumerate(masks):
        draw_label(result, mask, labels[index], colour(index), style)
    if caption:
        draw_caption(result, caption, style)
    return result


def colour(index: int) -> Colour:
    """A vivid RGB colour, the same for the same index at any time."""
    hue = index * GOLDEN_RATIO % 1
    red, green, blue = colorsys.hsv_to_rgb(hue, 0.85, BRIGHTNESS[index % len(BRIGHTNESS)])
    return round(red * 255), round(green * 255), round(blue * 255)


def draw_mask(target: Picture, mask: Mask, paint: Colour, style: Style) -> None:
    """A translucent area with a solid contour, drawn into the target."""
    target[mask] = np.rint((1 - FILL) * target[mask] + FILL * np.array(paint))
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    cv2.drawContours(target, contours, -1, paint, style.line, cv2.LINE_AA)


def draw_label(target: Picture, mask: Mask, text: str, paint: Colour, style: Style) -> None:
    """A box in the mask's colour around its innermost point, drawn into the target."""
    if not text or not mask.any():
        return
    x, y = innermost(mask)
    width, height = text_size(text, style)
    box_width, box_height = width + 2 * style.margin, height + 2 * style.margin
    left = max(0, min(x - box_width // 2, target.shape[1] - box_width))
    top = max(0, min(y - box_height // 2, target.shape[0] - box_height))
    target[top : top + box_height, left : left + box_width] = paint
    ink = BLACK if luminance(paint) > 128 else WHITE
    write(target, text, (left + style.margin, top + style.margin + height), ink, style)


def draw_caption(target: Picture, text: str, style: Style) -> None:
    """A dark strip along the bottom with the text, in as many lines as it takes."""
    lines = wrap(text, target.shape[1] - 2 * style.margin, style)
    step = text_size("Ag", style)[1] + style.margin
    strip = target[-min(len(target), len(lines) * step + style.margin) :]
    strip[:] = np.rint(strip * (1 - STRIP))
    for row, line in enumerate(lines, start=1):
        write(strip, line, (style.margin, row * step), WHITE, style)


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


def innermost(mask: Mask) -> tuple[int, int]:
    """x and y of the point that lies farthest from the mask's edge."""
    distance = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 3)
    y, x = np.unravel_index(int(np.argmax(distance)), distance.shape)
    return int(x) - 1, int(y) - 1


def luminance(paint: Colour) -> float:
    """0..255, ITU-R BT.601."""
    return 0.299 * paint[0] + 0.587 * paint[1] + 0.114 * paint[2]


def text_size(text: str, style: Style) -> tuple[int, int]:
    """Width and height in pixels, the height above the baseline."""
    (width, height), _ = cv2.getTextSize(text, FONT, style.font_scale, style.stroke)
    return width, height


def write(target: Picture, text: str, start: tuple[int, int], ink: Colour, style: Style) -> None:
    cv2.putText(target, text, start, FONT, style.font_scale, ink, style.stroke, cv2.LINE_AA)

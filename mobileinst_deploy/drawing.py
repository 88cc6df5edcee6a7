"""Masks, labels and a caption over a picture."""

import colorsys
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from mobileinst_deploy.lettering import (
    Box,
    Colour,
    Style,
    box_around,
    clear_of,
    style_for,
    text_size,
    wrap,
    write,
)
from models.preprocessing import check_picture

Picture = NDArray[np.uint8]  # [h, w, 3] RGB
Mask = NDArray[np.bool_]  # [h, w]

GOLDEN_RATIO = 0.618034  # steps of it around the hue circle never come close to an earlier one soon
BRIGHTNESS = (1.0, 0.6, 0.8)  # in turn, to tell hues apart that do come close
FILL = 0.45  # how much of a mask's colour covers the picture
STRIP = 0.7  # how dark the caption's background is
WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)


def draw_masks(
    picture: Picture,
    masks: NDArray[np.bool_],
    labels: Sequence[str],
    colours: Sequence[int],
    caption: str | None = None,
) -> Picture:
    """A copy of [h, w, 3] uint8 RGB with each of the masks [n, h, w] drawn over it.

    `colours` has a number for each, which stands for the same colour in every picture. An empty
    mask leaves no trace. Raises ValueError where the shapes or the numbers of labels and colours do
    not fit together.
    """
    check_picture(picture)
    expected = (len(labels), *picture.shape[:2])
    if masks.shape != expected or masks.dtype != np.bool_:
        raise ValueError(
            f"expected boolean masks of shape {expected}, as many as labels and as large as the "
            f"picture, got {masks.dtype} {masks.shape}"
        )
    style = style_for(picture.shape[1])
    result = picture.copy()
    paints = [colour(number) for number in colours]
    for mask, paint in zip(masks, paints, strict=True):
        draw_mask(result, mask, paint, style)
    strip = draw_caption(result, caption, style) if caption else 0
    draw_labels(result[: len(result) - strip], masks, labels, paints, style)
    return result


def colour(index: int) -> Colour:
    """A vivid RGB colour, the same for the same index at any time."""
    hue = index * GOLDEN_RATIO % 1
    red, green, blue = colorsys.hsv_to_rgb(hue, 0.85, BRIGHTNESS[index % len(BRIGHTNESS)])
    return round(red * 255), round(green * 255), round(blue * 255)


def draw_mask(target: Picture, mask: Mask, paint: Colour, style: Style) -> None:
    """A translucent area with a solid contour, drawn into the target."""
    area = mask.astype(np.uint8)
    cv2.copyTo(cv2.LUT(target, blended(paint)), area, target)
    contours, _ = cv2.findContours(area, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    cv2.drawContours(target, contours, -1, paint, style.line, cv2.LINE_AA)


def blended(paint: Colour) -> NDArray[np.uint8]:
    """What each value of each channel becomes under that colour, [1, 256, 3]."""
    values = np.arange(256)[None, :, None]
    return np.rint((1 - FILL) * values + FILL * np.array(paint)).astype(np.uint8)


def draw_labels(
    target: Picture,
    masks: NDArray[np.bool_],
    labels: Sequence[str],
    paints: Sequence[Colour],
    style: Style,
) -> None:
    """Each at its mask's innermost point, or as close as the later ones leave room; into it."""
    taken: list[Box] = []
    for mask, text, paint in list(zip(masks, labels, paints, strict=True))[::-1]:
        if text and mask.any():
            area = target.shape[0], target.shape[1]
            box = clear_of(box_around(*innermost(mask), text, style, area), taken, area[0])
            draw_label(target, text, box, paint, style)
            taken.append(box)


def draw_label(target: Picture, text: str, box: Box, paint: Colour, style: Style) -> None:
    target[box.top : box.top + box.height, box.left : box.left + box.width] = paint
    ink = BLACK if luminance(paint) > 128 else WHITE
    baseline = box.top + box.height - style.margin
    write(target, text, (box.left + style.margin, baseline), ink, style)


def draw_caption(target: Picture, text: str, style: Style) -> int:
    """A dark strip along the bottom with the text, in as many lines as it takes; its height."""
    lines = wrap(text, target.shape[1] - 2 * style.margin, style)
    step = text_size("Ag", style)[1] + style.margin
    strip = target[-min(len(target), len(lines) * step + style.margin) :]
    strip[:] = np.rint(strip * (1 - STRIP))
    for row, line in enumerate(lines, start=1):
        write(strip, line, (style.margin, row * step), WHITE, style)
    return len(strip)


def innermost(mask: Mask) -> tuple[int, int]:
    """x and y of the point that lies farthest from the mask's edge."""
    distance = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 3)
    y, x = np.unravel_index(int(np.argmax(distance)), distance.shape)
    return int(x) - 1, int(y) - 1


def luminance(paint: Colour) -> float:
    """0..255, ITU-R BT.601."""
    return 0.299 * paint[0] + 0.587 * paint[1] + 0.114 * paint[2]

"""Files of pictures, decoded whole or not at all, and without OpenCV's own lines on stderr."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
JPEG_START, JPEG_END = b"\xff\xd8", b"\xff\xd9"


def decode(content: bytes, flags: int) -> NDArray[Any] | None:
    """As cv2.imread with these flags, BGR or BGRA; None for what is no picture, or cut short.

    OpenCV fills what is missing of a JPEG with grey, and lets libpng write to stderr.
    """
    if not content or is_cut_png(content) or is_cut_jpeg(content):
        return None
    level = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        return cv2.imdecode(np.frombuffer(content, np.uint8), flags)
    except cv2.error:
        return None
    finally:
        cv2.utils.logging.setLogLevel(level)


def is_cut_png(content: bytes) -> bool:
    """Whether a PNG ends before its last chunk does."""
    if not content.startswith(PNG_SIGNATURE):
        return False
    position, kind = len(PNG_SIGNATURE), b""
    while kind != b"IEND" and position < len(content):
        length = int.from_bytes(content[position : position + 4])
        kind = content[position + 4 : position + 8]
        position += 12 + length  # the length, the kind and a checksum, four bytes each
    return kind != b"IEND" or position > len(content)


def is_cut_jpeg(content: bytes) -> bool:
    """Whether a JPEG has no end in its second half: one in the first is a thumbnail's."""
    return content.startswith(JPEG_START) and JPEG_END not in content[len(content) // 2 :]

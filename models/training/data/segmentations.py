"""COCO's three ways to write a mask: polygons, run lengths, compressed run lengths."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from models.errors import DataError

LONGEST = 7  # characters of a compressed number: 5 bits each, and a run is below 2^31


def decode(segmentation: Any, height: int, width: int) -> NDArray[np.bool_]:
    """A mask [height, width]. Raises DataError for what is none of that size."""
    if isinstance(segmentation, list):
        return decode_polygons(segmentation, height, width)
    if not isinstance(segmentation, dict) or segmentation.get("size") != [height, width]:
        raise DataError(f"expected a mask of size {[height, width]}, got {shown(segmentation)}")
    counts = segmentation.get("counts")
    runs = decompress(counts) if isinstance(counts, str | bytes) else counts
    return decode_runs(runs, height, width)


def decode_polygons(polygons: list[Any], height: int, width: int) -> NDArray[np.bool_]:
    """Each [x0, y0, x1, y1, ...] in pixels; together they are one object."""
    for polygon in polygons:
        numbers = isinstance(polygon, list) and all(is_number(x) for x in polygon)
        if not numbers or len(polygon) < 6 or len(polygon) % 2:
            raise DataError(f"expected polygons of three points or more, got {shown(polygon)}")
    if not polygons:
        return np.zeros((height, width), np.bool_)
    whole = coco.merge(coco.frPyObjects(polygons, height, width))
    return decode_runs(decompress(whole["counts"]), height, width)


def decode_runs(runs: Any, height: int, width: int) -> NDArray[np.bool_]:
    """Lengths of runs in column order, the first of zeros."""
    whole = isinstance(runs, list) and all(type(run) is int and run >= 0 for run in runs)
    if not whole or sum(runs) != height * width:
        raise DataError(f"expected runs that add up to {height}x{width} pixels, got {shown(runs)}")
    values = np.arange(len(runs)) % 2 == 1
    return np.repeat(values, runs).reshape(width, height).T


def decompress(counts: str | bytes) -> list[int]:
    """COCO's text of run lengths: five bits a character, from the third on as differences.

    Raises DataError for a text that is none.
    """
    text = counts if isinstance(counts, bytes) else counts.encode(errors="replace")
    runs: list[int] = []
    value = shift = 0
    for code in text:
        piece = code - 48
        if not 0 <= piece < 64 or shift >= 5 * LONGEST:
            raise DataError(f"expected compressed run lengths, got {shown(counts)}")
        value |= (piece & 31) << shift
        shift += 5
        if piece & 32:
            continue
        if piece & 16:
            value -= 1 << shift
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
        value = shift = 0
    if shift:
        raise DataError(
            f"expected compressed run lengths, got a text that is cut off: {shown(counts)}"
        )
    return runs


def is_number(x: Any) -> bool:
    return type(x) in (int, float) and np.isfinite(x)


def shown(x: Any) -> str:
    text = repr(x)
    return text if len(text) <= 60 else text[:60] + "…"

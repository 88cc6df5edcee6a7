"""COCO's three ways to write a mask: polygons, run lengths, compressed run lengths."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from models import rle
from models.errors import DataError


def decode(segmentation: Any, height: int, width: int) -> NDArray[np.bool_]:
    """A mask [height, width]. Raises DataError for what is none of that size."""
    if isinstance(segmentation, list):
        return decode_polygons(segmentation, height, width)
    if not isinstance(segmentation, dict) or segmentation.get("size") != [height, width]:
        found = rle.shown(segmentation)
        raise DataError(f"expected a mask of size {[height, width]}, got {found}")
    counts = segmentation.get("counts")
    if isinstance(counts, str):
        return decode_text(counts, height, width)
    return rle.decode(rle.check_runs(counts, height, width), height, width)


def decode_text(counts: str, height: int, width: int) -> NDArray[np.bool_]:
    return rle.decode(rle.decompress(counts, height, width), height, width)


def decode_polygons(polygons: list[Any], height: int, width: int) -> NDArray[np.bool_]:
    """Each [x0, y0, x1, y1, ...] in pixels; together they are one object."""
    for polygon in polygons:
        numbers = isinstance(polygon, list) and all(is_number(x) for x in polygon)
        if not numbers or len(polygon) < 6 or len(polygon) % 2:
            raise DataError(f"expected polygons of three points or more, got {rle.shown(polygon)}")
        if not (near(polygon[::2], width) and near(polygon[1::2], height)):
            raise DataError(
                f"expected polygons in a picture of {height}x{width}, got {rle.shown(polygon)}"
            )
    if not polygons:
        return np.zeros((height, width), np.bool_)
    whole = coco.merge(coco.frPyObjects(polygons, height, width))
    return decode_text(whole["counts"].decode("ascii"), height, width)


def is_number(x: Any) -> bool:
    return type(x) in (int, float) and math.isfinite(x)


def near(places: list[float], side: int) -> bool:
    """Within the picture or a side away: pycocotools walks along each edge, however long it is."""
    return all(-side <= place <= 2 * side for place in places)

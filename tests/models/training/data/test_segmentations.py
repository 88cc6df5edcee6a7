"""COCO's three ways to write a mask, against pycocotools."""

from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco

from models.errors import DataError
from models.training.data.segmentations import decode
from tests.models.training.conftest import runs

SIZES = [(1, 1), (3, 5), (48, 64), (1, 700), (700, 1)]


def masks(height: int, width: int) -> list[np.ndarray]:
    generator = np.random.default_rng(height * 1000 + width)
    blobs = [generator.random((height, width)) < share for share in (0, 0.02, 0.5, 0.98, 1.1)]
    return [np.asarray(blob) for blob in blobs]


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_compressed(height: int, width: int):
    for mask in masks(height, width):
        written = coco.encode(np.asfortranarray(mask.astype(np.uint8)))
        text = {"size": [height, width], "counts": written["counts"].decode()}
        assert np.array_equal(decode(text, height, width), mask)


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_uncompressed(height: int, width: int):
    for mask in masks(height, width):
        assert np.array_equal(decode(runs(mask), height, width), mask)


def test_polygons_are_pycocotools():
    polygons = [[1.5, 1, 20, 2.5, 10, 18], [30.0, 5, 38, 5, 38, 12, 30, 12]]
    expected = coco.merge(coco.frPyObjects(polygons, 24, 40))
    got = coco.encode(np.asfortranarray(decode(polygons, 24, 40).astype(np.uint8)))
    assert coco.area(got) > 100
    assert got["counts"] == expected["counts"]
    assert not decode([], 24, 40).any()


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        "abc",
        {"size": [4, 4]},
        {"size": [4, 5], "counts": [20]},
        {"size": [4, 4], "counts": [15]},
        {"size": [4, 4], "counts": [17]},
        {"size": [4, 4], "counts": [-1, 17]},
        {"size": [4, 4], "counts": [1.0, 15]},
        {"size": [4, 4], "counts": "~~~~"},
        {"size": [4, 4], "counts": "P"},  # says that more follows
        {"size": [4, 4], "counts": "PPPPPPPPPPPP0"},
        {"size": [4, 4], "counts": "2O2"},  # a run below 0
        {"size": [4, 4], "counts": ""},
        {"size": [4, 4], "counts": "é"},
        [[1, 2, 3, 4]],
        [[1, 2, 3, 4, 5, 6, 7]],
        [[1, 2, 3, 4, 5, float("nan")]],
        ["1,2,3,4,5,6"],
        [{}],
        [[1, 2, 3, 4, 1e9, 6]],  # would keep pycocotools busy for minutes
        [[1, 2, 3, -5, 5, 6]],
    ],
)
def test_refused(wrong: Any):
    with pytest.raises(DataError, match="expected"):
        decode(wrong, 4, 4)

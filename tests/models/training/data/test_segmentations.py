"""COCO's three ways to write a mask, against pycocotools."""

from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco

from models.errors import DataError
from models.training.data.segmentations import decode, decompress
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
        assert np.array_equal(decode(written, height, width), mask)
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
    ],
)
def test_refused(wrong: Any):
    with pytest.raises(DataError, match="expected"):
        decode(wrong, 4, 4)


def test_random_texts_give_masks_or_are_refused():
    generator = np.random.default_rng(0)
    refused = 0
    for _ in range(2000):
        text = bytes(generator.integers(48, 112, generator.integers(1, 9)).astype(np.uint8))
        try:
            assert decode({"size": [6, 7], "counts": text}, 6, 7).shape == (6, 7)
        except DataError:
            refused += 1
    assert refused > 1000


def test_differences_begin_at_the_third_but_one():
    """The fourth run is written as its difference from the second."""
    mask = np.zeros((40, 1), bool)
    mask[3:8] = mask[10:17] = True  # runs 3, 5, 2, 7, 23
    written = coco.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"]
    assert decompress(written) == [3, 5, 2, 7, 23]

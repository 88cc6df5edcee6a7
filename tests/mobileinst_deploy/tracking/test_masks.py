"""Masks of the picture's size, against bilinear interpolation written out in float64."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from mobileinst_deploy.tracking.masks import confidences, find_view, picture_masks, restore
from models.preprocessing import Preprocessing, place

LETTERBOX, STRETCH = Preprocessing(96, 160), Preprocessing(96, 160, resize="stretch")
GRID = (12, 20)
SIZES = [(96, 160), (192, 320), (720, 1280), (272, 640), (451, 300), (97, 161), (7, 5), (1, 1),
         (1, 900), (900, 1)]  # fmt: skip

# OpenCV's places are float32, off by 1e-4 of a pixel at 1280; here values change by 1/8 a pixel.
CLOSE = 5e-5


def bilinear(x: NDArray[np.float64], height: int, width: int) -> NDArray[np.float64]:
    """Half-pixel centres; beyond the outermost centres the value stays."""
    return weights(height, x.shape[0]) @ x @ weights(width, x.shape[1]).T


def weights(target: int, source: int) -> NDArray[np.float64]:
    """[target, source]: how much of each source cell is in each target cell."""
    result = np.zeros((target, source))
    for cell in range(target):
        place_ = min(max((cell + 0.5) * source / target - 0.5, 0), source - 1)
        low = int(place_)
        result[cell, low] += 1 - (place_ - low)
        result[cell, min(low + 1, source - 1)] += place_ - low
    return result


def literal(
    probability: NDArray[np.float32], size: tuple[int, int], preprocessing: Preprocessing
) -> NDArray[np.float64]:
    whole = bilinear(probability.astype(np.float64), preprocessing.height, preprocessing.width)
    placed = place(*size, preprocessing)
    return bilinear(whole[: placed.height, : placed.width], *size)


def noise(count: int) -> NDArray[np.float32]:
    return np.random.default_rng(0).random((count, *GRID), dtype=np.float32)


@pytest.mark.parametrize("rule", [LETTERBOX, STRETCH], ids=lambda rule: rule.resize)
@pytest.mark.parametrize("size", SIZES)
def test_restored_is_bilinear_in_two_steps(size: tuple[int, int], rule: Preprocessing):
    (probability,) = noise(1)
    restored = restore(probability, find_view(size, size, rule))
    assert (restored.shape, restored.dtype) == (size, np.float32)
    assert np.abs(restored - literal(probability, size, rule)).max() < CLOSE


@pytest.mark.parametrize("rule", [LETTERBOX, STRETCH], ids=lambda rule: rule.resize)
@pytest.mark.parametrize("size", SIZES)
def test_masks_are_where_restored_is_above(size: tuple[int, int], rule: Preprocessing):
    """Each mask by itself, so that the buffer that they share leaves no trace."""
    probabilities, view = noise(4), find_view(size, size, rule)
    masks = picture_masks(probabilities, 0.45, view)
    assert (masks.shape, masks.dtype) == ((4, *size), np.bool_)
    for mask, probability in zip(masks, probabilities, strict=True):
        assert np.array_equal(mask, restore(probability, view) > 0.45)


def test_no_masks():
    assert picture_masks(noise(0), 0.45, find_view((7, 5), (7, 5), LETTERBOX)).shape == (0, 7, 5)


@pytest.mark.parametrize("fitted", [(60, 100), (300, 100), (90, 300)])
def test_a_picture_that_the_graphs_get_at_another_size(fitted: tuple[int, int]):
    """The upper half of the fitted picture is the upper half of the video's, whatever its shape."""
    placed = place(*fitted, LETTERBOX)
    whole = np.zeros((LETTERBOX.height, LETTERBOX.width), np.float32)
    whole[: placed.height // 2, : placed.width] = 1
    probability = whole.reshape(GRID[0], 8, GRID[1], 8).mean((1, 3))
    (mask,) = picture_masks(probability[None], 0.5, find_view((200, 320), fitted, LETTERBOX))
    assert mask[:80].all()
    assert not mask[120:].any()


@given(
    arrays(np.float32, st.tuples(st.integers(0, 3), st.integers(1, 4), st.integers(1, 4)),
           elements=st.floats(0, 1, width=32)),
    st.sampled_from([0.0, 0.25, 0.5, 1.0]),
)  # fmt: skip
def test_confidence_is_the_mean_above_the_threshold(
    probabilities: NDArray[np.float32], threshold: float
):
    got = confidences(probabilities, threshold)
    assert got.shape == probabilities.shape[:1]
    for confidence, probability in zip(got, probabilities, strict=True):
        above = [value for value in probability.ravel().tolist() if value > threshold]
        assert confidence == pytest.approx(sum(above) / len(above) if above else 0, abs=1e-12)

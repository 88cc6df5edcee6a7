"""From a picture to the network's input, against PyTorch's resize and against arithmetic."""

import cv2
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from models.preprocessing import Placement, Preprocessing, check_picture, place, preprocess

H, W = 96, 160
LETTERBOX, STRETCH = Preprocessing(H, W), Preprocessing(H, W, resize="stretch")

# OpenCV computes places in float32; over 2000 pixels of noise that is up to 1e-4 of a deviation.
CLOSE = 5e-4

SIZES = [(96, 160), (192, 320), (48, 80), (272, 640), (720, 1280), (451, 300), (97, 161), (7, 5)]
EXTREMES = [(1, 1), (1, 2), (2, 1), (1, 2000), (2000, 1), (3, 1000)]


def noise(height: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    ("height", "width", "placement"),
    [
        (96, 160, (96, 160)),
        (192, 320, (96, 160)),
        (48, 80, (96, 160)),
        (272, 640, (68, 160)),
        (720, 1280, (90, 160)),
        (640, 272, (96, 41)),
        (100, 100, (96, 96)),
        (1, 1, (96, 96)),
        (1, 2000, (1, 160)),
        (2000, 1, (96, 1)),
        (1, 100_000, (1, 160)),
    ],
)
def test_letterbox_keeps_the_aspect_ratio(height, width, placement):
    assert place(height, width, LETTERBOX) == Placement(*placement)


@pytest.mark.parametrize("size", SIZES + EXTREMES)
def test_stretch_fills_the_input(size: tuple[int, int]):
    assert place(*size, STRETCH) == Placement(H, W)


def test_letterbox_fits_and_touches_for_any_size():
    rng = np.random.default_rng(0)
    for height, width in (2 ** rng.uniform(0, 13, (500, 2))).astype(int):
        placed = place(height, width, LETTERBOX)
        assert 1 <= placed.height <= H
        assert 1 <= placed.width <= W
        assert placed.height == H or placed.width == W


def by_torch(picture: NDArray[np.uint8], rule: Preprocessing) -> NDArray[np.float64]:
    """What lies in the input's placement, by PyTorch in float64."""
    placement = place(*picture.shape[:2], rule)
    x = torch.from_numpy(picture).double().permute(2, 0, 1)[None]
    size = (placement.height, placement.width)
    x = F.interpolate(x, size, mode="bilinear", align_corners=False)
    mean, std = (torch.tensor(v).double().reshape(1, 3, 1, 1) for v in (rule.mean, rule.std))
    return ((x - mean) / std).numpy()


@pytest.mark.parametrize("rule", [LETTERBOX, STRETCH], ids=lambda rule: rule.resize)
@pytest.mark.parametrize("size", SIZES + EXTREMES)
def test_resize_is_pytorchs(size: tuple[int, int], rule: Preprocessing):
    picture = noise(*size)
    image, expected = preprocess(picture, rule), by_torch(picture, rule)
    h, w = expected.shape[2:]
    assert (image.shape, image.dtype) == ((1, 3, H, W), np.float32)
    assert image.flags.c_contiguous
    assert np.abs(image[:, :, :h, :w] - expected).max() < CLOSE
    assert not image[:, :, h:].any()
    assert not image[:, :, :, w:].any()


@pytest.mark.parametrize("rule", [LETTERBOX, STRETCH], ids=lambda rule: rule.resize)
@pytest.mark.parametrize("size", SIZES)
def test_normalised_in_float32_to_the_bit(size: tuple[int, int], rule: Preprocessing):
    placed = place(*size, rule)
    resized = cv2.resize(noise(*size).astype(np.float32), (placed.width, placed.height))
    mean, std = (np.array(x, np.float32) for x in (rule.mean, rule.std))
    expected = np.zeros((H, W, 3), np.float32)
    expected[: placed.height, : placed.width] = (resized - mean) / std
    assert np.array_equal(preprocess(noise(*size), rule)[0], expected.transpose(2, 0, 1))


@pytest.mark.parametrize("size", [(96, 160), (50, 200), (200, 50), (1, 1)])
def test_a_constant_picture_stays_constant(size: tuple[int, int]):
    colour = (10, 128, 250)
    image = preprocess(np.full((*size, 3), colour, np.uint8), LETTERBOX)
    placed = place(*size, LETTERBOX)
    for channel, value in enumerate(colour):
        expected = (value - LETTERBOX.mean[channel]) / LETTERBOX.std[channel]
        inside = image[0, channel, : placed.height, : placed.width]
        assert np.allclose(inside, expected, rtol=0, atol=1e-5)


def test_red_comes_first():
    picture = np.zeros((H, W, 3), np.uint8)
    picture[..., 0] = 255
    red, green, _ = preprocess(picture, LETTERBOX)[0]
    assert red.min() > 2
    assert green.max() < -2


def test_the_picture_is_not_changed():
    picture = noise(50, 60)
    before = picture.copy()
    preprocess(picture, LETTERBOX)
    assert np.array_equal(picture, before)


def test_a_view_gives_what_its_copy_gives():
    view = noise(100, 120)[::-1, ::2]
    assert np.array_equal(preprocess(view, LETTERBOX), preprocess(view.copy(), LETTERBOX))


BAD = {
    "grey": np.zeros((4, 4), np.uint8),
    "grey with an axis": np.zeros((4, 4, 1), np.uint8),
    "with alpha": np.zeros((4, 4, 4), np.uint8),
    "channels first": np.zeros((3, 4, 4), np.uint8),
    "a batch": np.zeros((1, 4, 4, 3), np.uint8),
    "floats": np.zeros((4, 4, 3), np.float32),
    "signed": np.zeros((4, 4, 3), np.int8),
    "no rows": np.zeros((0, 4, 3), np.uint8),
    "no columns": np.zeros((4, 0, 3), np.uint8),
    "nothing": np.zeros(0, np.uint8),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_array_is_refused_with_its_shape_and_type(name: str):
    array = BAD[name]
    for use in (check_picture, lambda picture: preprocess(picture, LETTERBOX)):
        with pytest.raises(ValueError, match=r"expected a picture of shape \(h, w, 3\)") as caught:
            use(array)
        assert f"got shape {array.shape} and type {array.dtype}" in str(caught.value)

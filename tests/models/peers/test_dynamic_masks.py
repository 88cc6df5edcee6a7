"""The mask heads against one convolution at a time, for each instance on its own."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from models.peers.dynamic_masks import PARAMETERS, DynamicMasks, enlarge, split
from models.peers.fcos_locations import locations

HEIGHT, WIDTH = 96, 160  # of the image
CHOSEN = [0, 7, 131, 239, 260, 300, 310, 315, 318]  # on all five levels


def drawn() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Mask features, parameters, points and sizes."""
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(1, 8, HEIGHT // 8, WIDTH // 8, generator=generator)
    parameters = torch.randn(1, len(CHOSEN), PARAMETERS, generator=generator)
    places = locations(HEIGHT, WIDTH)
    points, sizes = (torch.from_numpy(column)[CHOSEN][None] for column in places)
    return features, parameters, points, sizes[:, :, None]


def test_parameters_are_weights_then_biases():
    assert PARAMETERS == 169
    row = torch.arange(169.0)
    heads = split(row[None, None].expand(1, 2, 169))
    ends = {"weight_1": (0, 80), "weight_2": (80, 144), "weight_3": (144, 152)}
    ends |= {"bias_1": (152, 160), "bias_2": (160, 168), "bias_3": (168, 169)}
    for name, (start, end) in ends.items():
        assert torch.equal(getattr(heads, name)[0, 1].flatten(), row[start:end]), name
    assert torch.equal(heads.weight_1[0, 0, 3], row[30:40])  # a row an output channel


def slow_mask(features: Tensor, row: Tensor, point: Tensor, size: Tensor) -> Tensor:
    """[8, h, w] and the parameters of one instance -> mask logits [h, w]."""
    h, w = features.shape[1:]
    relative = torch.zeros(2, h, w)
    for y in range(h):
        for x in range(w):
            relative[0, y, x] = (point[0] - (8 * x + 4)) / size
            relative[1, y, x] = (point[1] - (8 * y + 4)) / size
    z = torch.cat((relative, features))[None]
    z = F.conv2d(z, row[:80].reshape(8, 10, 1, 1), row[152:160]).relu()
    z = F.conv2d(z, row[80:144].reshape(8, 8, 1, 1), row[160:168]).relu()
    return F.conv2d(z, row[144:152].reshape(1, 8, 1, 1), row[168:])[0, 0]


def test_masks_are_those_of_one_convolution_after_the_other():
    features, parameters, points, sizes = drawn()
    found = DynamicMasks()(features, parameters, points, sizes)
    assert found.shape == (1, len(CHOSEN), HEIGHT // 4, WIDTH // 4)
    for i in range(len(CHOSEN)):
        mask = slow_mask(features[0], parameters[0, i], points[0, i], sizes[0, i, 0])
        expected = slow_enlarged(mask, 2)
        torch.testing.assert_close(found[0, i], expected, rtol=1e-4, atol=1e-4)


def slow_enlarged(x: Tensor, factor: int) -> Tensor:
    """[h, w], one pixel at a time."""
    h, w = x.shape

    def at(place: int, length: int) -> tuple[int, int, float]:
        centre = min(max((place - factor / 2) / factor, 0), length - 1)
        return int(centre), min(int(centre) + 1, length - 1), centre - int(centre)

    y = torch.empty(factor * h, factor * w)
    for row in range(factor * h):
        top, bottom, down = at(row, h)
        for column in range(factor * w):
            left, right, across = at(column, w)
            upper = x[top, left] * (1 - across) + x[top, right] * across
            lower = x[bottom, left] * (1 - across) + x[bottom, right] * across
            y[row, column] = upper * (1 - down) + lower * down
    return y


@pytest.mark.parametrize("size", [(1, 3), (4, 6)])
@pytest.mark.parametrize("factor", [2, 4])
def test_enlarging(factor: int, size: tuple[int, int]):
    x = torch.randn(1, 2, *size, generator=torch.Generator().manual_seed(0))
    found = enlarge(x, factor)
    for channel in range(2):
        torch.testing.assert_close(found[0, channel], slow_enlarged(x[0, channel], factor))

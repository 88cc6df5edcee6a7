"""Every backbone returns what Fig. 3 draws: maps at strides 8, 16, 32 and 64."""

import pytest
import torch
from torch import Tensor

from models.backbones.features import Backbone, Features
from models.backbones.seaformer import SEAFORMERS, AxialPosition
from models.backbones.topformer import TOPFORMERS
from models.zoo import build_backbone

STRIDES = (8, 16, 32, 64)
NAMES = [*TOPFORMERS, *SEAFORMERS]


@pytest.fixture(scope="module", params=NAMES)
def backbone(request) -> Backbone:
    return build_backbone(request.param).eval()


def features(backbone: Backbone, image: Tensor) -> Features:
    with torch.inference_mode():
        return backbone(image)


def test_there_are_seven_backbones():
    assert len(NAMES) == 7


@pytest.mark.parametrize("size", [(64, 96), (96, 160), (32, 32)])
def test_channels_and_strides(backbone: Backbone, size: tuple[int, int]):
    maps = features(backbone, torch.zeros(2, 3, *size))
    sides = [tuple((side - 1) // stride + 1 for side in size) for stride in STRIDES]
    expected = [(2, c, *hw) for c, hw in zip(backbone.channels, sides, strict=True)]
    assert [tuple(x.shape) for x in maps] == expected


def test_every_map_sees_the_picture(backbone: Backbone):
    images = torch.rand(2, 3, 64, 96, generator=torch.Generator().manual_seed(0))
    for name, x in features(backbone, images)._asdict().items():
        assert torch.isfinite(x).all(), name
        assert not torch.equal(x[0], x[1]), name


@pytest.mark.parametrize(
    ("name", "channels"),
    [
        ("topformer-tiny", (32, 64, 96, 208)),
        ("topformer-small", (48, 96, 128, 296)),
        ("topformer-base", (64, 128, 160, 384)),
        ("seaformer-base", (64, 128, 192, 256)),
    ],
)
def test_channels_are_those_of_the_papers(name: str, channels: tuple[int, ...]):
    assert build_backbone(name).channels == channels


@pytest.mark.parametrize("length", [1, 16, 40])
def test_axial_position_is_stretched_to_the_axis(length: int):
    position = AxialPosition(4)
    position.embedding.data.fill_(0.5)
    added = position(torch.zeros(1, 4, length)).detach()
    assert torch.equal(added, torch.full((1, 4, length), 0.5))

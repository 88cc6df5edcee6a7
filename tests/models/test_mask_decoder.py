"""The mask decoders of Tab. 5 on made-up features."""

import pytest
import torch
from torch import Tensor, nn

from models.backbones.features import Features
from models.mobileinst.mask_decoder import IterativePyramid, SemanticEnhancer, top_down
from models.zoo import MobileInstConfig, build_mask_decoder

CHANNELS = (6, 10, 14, 20)
DIM = 16

VARIANTS = {
    "mobileinst": MobileInstConfig(dim=DIM),
    "no-se": MobileInstConfig(dim=DIM, semantic_enhancer=False),
    "fpn-1conv": MobileInstConfig(dim=DIM, mask_decoder="fpn"),
    "sparseinst-1conv": MobileInstConfig(dim=DIM, mask_decoder="sparseinst"),
    "sparseinst-4conv": MobileInstConfig(dim=DIM, mask_decoder="sparseinst", mask_convs=4),
}


def made_up(height: int, width: int) -> Features:
    """Features of two images of that size."""
    torch.manual_seed(0)
    sides = [[(side - 1) // s + 1 for side in (height, width)] for s in (8, 16, 32, 64)]
    return Features(*(torch.rand(2, c, *hw) for c, hw in zip(CHANNELS, sides, strict=True)))


def built(variant: str) -> nn.Module:
    torch.manual_seed(1)
    return build_mask_decoder(VARIANTS[variant], CHANNELS).eval()


def decode(decoder: nn.Module, features: Features) -> Tensor:
    with torch.inference_mode():
        return decoder(features)


@pytest.mark.parametrize("size", [(32, 32), (64, 96), (96, 160)])
@pytest.mark.parametrize("variant", VARIANTS)
def test_mask_features_lie_on_the_eighth_grid(variant: str, size: tuple[int, int]):
    height, width = size
    masks = decode(built(variant), made_up(height, width))
    assert masks.shape == (2, DIM, height // 8, width // 8)
    assert torch.isfinite(masks).all()


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_level_is_used(variant: str):
    decoder, features = built(variant), made_up(64, 96)
    before = decode(decoder, features)
    for name in ("x3", "x4", "x5"):
        changed = features._replace(**{name: getattr(features, name) + 1})
        assert not torch.equal(decode(decoder, changed), before), name


@pytest.mark.parametrize("variant", VARIANTS)
def test_only_the_semantic_enhancer_looks_at_the_global_features(variant: str):
    decoder, features = built(variant), made_up(64, 96)
    changed = features._replace(x6=features.x6 + 1)
    same = torch.equal(decode(decoder, changed), decode(decoder, features))
    assert same == (variant != "mobileinst")


def test_semantic_enhancer_gates_and_shifts():
    """With x6 the same everywhere, enlarging does nothing: y = x · gate + shift."""
    enhancer = SemanticEnhancer(CHANNELS[3], DIM).eval()
    x, x6 = torch.rand(1, DIM, 8, 12), torch.rand(1, CHANNELS[3], 1, 1).expand(-1, -1, 1, 2)
    with torch.inference_mode():
        linear = enhancer.gate[0](x6)[..., :1]
        gate = (linear / 6 + 0.5).clamp(0, 1)  # the hard sigmoid
        expected = x * gate + enhancer.shift(x6)[..., :1]
        assert torch.allclose(enhancer(x, x6), expected, atol=1e-6)


def test_top_down_adds_by_nearest_neighbour():
    x3, x4, x5 = torch.zeros(1, 1, 4, 8), torch.zeros(1, 1, 2, 4), torch.zeros(1, 1, 1, 2)
    x4[..., 0, 1], x5[..., 0, 1] = 1, 10
    p3, p4, p5 = top_down(x3, x4, x5)
    assert p5 is x5
    assert p4[0, 0].tolist() == [[0, 1, 10, 10], [0, 0, 10, 10]]
    assert p3[0, 0, 0].tolist() == [0, 0, 1, 1, 10, 10, 10, 10]
    assert p3[0, 0, 3].tolist() == [0, 0, 0, 0, 10, 10, 10, 10]


def test_pyramid_goes_down_and_up_again():
    """With convolutions that do nothing, on constant maps, what each level adds can be read off."""
    pyramid = IterativePyramid((1, 1, 1, 1), 1, semantic=False)
    for conv in (module for module in pyramid.modules() if isinstance(module, nn.Conv2d)):
        nn.init.dirac_(conv.weight)
        nn.init.zeros_(conv.bias)
    x3, x4, x5 = torch.full((4, 8), 1.0), torch.full((2, 4), 10.0), torch.full((1, 2), 100.0)
    levels = pyramid(Features(*(x[None, None] for x in (x3, x4, x5, x5))))
    down = (111, 110, 100)
    up = (down[0], down[1] + down[0], down[2] + down[1] + down[0])
    assert [level.unique().tolist() for level in levels] == [[value] for value in up]


@pytest.mark.parametrize(("variant", "count"), [("fpn-1conv", 1), ("sparseinst-4conv", 4)])
def test_stacked_projection_ends_in_two_linear_1x1(variant: str, count: int):
    kinds = [
        f"{module.kernel_size[0]}x{module.kernel_size[1]}"
        if isinstance(module, nn.Conv2d)
        else type(module).__name__
        for module in built(variant).project
    ]
    assert kinds == ["3x3", "ReLU"] * count + ["1x1", "1x1"]

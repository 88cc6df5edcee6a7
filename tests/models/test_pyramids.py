"""The backbones of the peers: their maps, and their sizes with a classifier as published."""

import pytest
import torch
import torch.nn.functional as F
from fvcore.nn import FlopCountAnalysis
from torch import Tensor, nn

from models.backbones.mobilenet_v2 import MobileNetV2
from models.backbones.resnet import RESNETS, Residual, ResNet
from models.complexity import count_params, quiet_tracer
from models.errors import UnknownModelError
from models.layers import ConvBN
from models.peers.backbones import BACKBONES, build_pyramid

IMAGENET_CLASSES = 1000


class Classifier(nn.Module):
    """A pyramid backbone with the layers behind C5 that its paper has."""

    def __init__(self, backbone: nn.Module, neck: nn.Module, width: int) -> None:
        super().__init__()
        self.backbone = backbone
        self.neck = neck
        self.classify = nn.Linear(width, IMAGENET_CLASSES)

    def forward(self, image: Tensor) -> Tensor:
        return self.classify(self.neck(self.backbone(image)[-1]).mean((2, 3)))


def classifier(name: str) -> Classifier:
    if name == "mobilenet-v2":
        neck = nn.Sequential(ConvBN(320, 1280), nn.ReLU6())
        return Classifier(MobileNetV2(), neck, 1280)
    backbone = ResNet(RESNETS[name])
    return Classifier(backbone, nn.Identity(), backbone.channels[-1])


@pytest.mark.parametrize(
    ("name", "millions", "gmacs"),
    [  # torchvision's table of ImageNet weights
        ("resnet18", 11.69, 1.81),
        ("resnet50", 25.56, 4.09),
        ("mobilenet-v2", 3.50, 0.30),
    ],
)
def test_sizes_are_the_published_ones(name: str, millions: float, gmacs: float):
    network = classifier(name).eval()
    with quiet_tracer(), torch.inference_mode():
        counted = FlopCountAnalysis(network, torch.zeros(1, 3, 224, 224)).by_operator()
    products = (counted["conv"] + counted["linear"]) / 1e9
    assert count_params(network) / 1e6 == pytest.approx(millions, abs=0.005)
    assert products == pytest.approx(gmacs, abs=0.005)


@pytest.mark.parametrize("size", [(64, 96), (96, 160)])
@pytest.mark.parametrize("name", BACKBONES)
def test_maps_have_the_stated_channels_and_strides(name: str, size: tuple[int, int]):
    backbone = build_pyramid(name).eval()
    with torch.inference_mode():
        maps = backbone(torch.rand(2, 3, *size))
    expected = [
        (2, c, *(side // s for side in size))
        for c, s in zip(backbone.channels, backbone.strides, strict=True)
    ]
    assert [tuple(x.shape) for x in maps] == expected
    assert not any(torch.equal(x[0], x[1]) for x in maps)


def test_an_unknown_backbone_is_answered_with_the_known_ones():
    with pytest.raises(UnknownModelError, match=r"'resnet34'.*resnet18, resnet50, mobilenet-v2"):
        build_pyramid("resnet34")


@pytest.mark.parametrize(("width", "stride", "projects"), [(8, 1, False), (8, 2, True)])
def test_residual_adds_its_input(width: int, stride: int, projects: bool):
    """With layers that give 0, what is left is the shortcut behind a ReLU."""
    block = Residual(nn.Sequential(ConvBN(8, width, 3, stride)), 8, width, stride).eval()
    nn.init.zeros_(block.layers[-1].bn.weight)
    x = torch.randn(1, 8, 4, 6)
    shortcut = block.shortcut(x)
    assert isinstance(block.shortcut, ConvBN) == projects
    assert torch.equal(block(x), F.relu(shortcut))


def test_bottleneck_halves_in_its_3x3():
    strides = [
        [conv.stride[0] for conv in stage[0].layers.modules() if isinstance(conv, nn.Conv2d)]
        for stage in ResNet(RESNETS["resnet50"]).stages
    ]
    assert strides == [[1, 1, 1], [1, 2, 1], [1, 2, 1], [1, 2, 1]]


def test_injection_takes_the_semantics_of_its_own_level():
    """A map depends on the tokens that came from it, not on the others."""
    backbone = build_pyramid("topformer-base").eval()
    maps = [torch.rand(1, c, 8 // 2**i, 8 // 2**i) for i, c in enumerate((64, 128, 160))]
    x6 = torch.rand(1, 384, 2, 2)
    changed = x6.clone()
    changed[:, 32:96] += 1  # stride 8's: behind the 32 channels of stride 4
    backbone.topformer.forward = lambda x6: (*maps, x6)
    with torch.inference_mode():
        same = [torch.equal(a, b) for a, b in zip(backbone(x6), backbone(changed), strict=True)]
    assert same == [False, True, True]

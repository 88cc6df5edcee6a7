"""The peers' backbones by name: image -> a pyramid of maps that ends at stride 32."""

from collections.abc import Callable
from functools import partial

from torch import Tensor, nn

from models.backbones.mobilenet_v2 import MobileNetV2
from models.backbones.pyramid import Pyramid, PyramidBackbone
from models.backbones.resnet import RESNETS, ResNet
from models.backbones.topformer import TOPFORMERS, TopFormer, TopFormerConfig
from models.errors import UnknownModelError
from models.layers import ConvBN, InvertedResidual, quiet
from models.mobileinst.mask_decoder import SemanticEnhancer
from models.peers.initialise import he

# Channels of the maps behind the injection, from local_configs/topformer/topformer_*.py.
INJECTED_CHANNELS = {"topformer-tiny": 128, "topformer-small": 192, "topformer-base": 256}


class TopFormerPyramid(PyramidBackbone):
    """TopFormer as it was published for dense tasks: its semantics injected into each map.

    Zhang et al., CVPR 2022, §3.3: y = local(x) · up(σ(gate(g))) + up(shift(g)), where g are those
    channels of the transformer's output x6 that came from the map x itself. Strides 8, 16, 32.
    """

    strides = (8, 16, 32)

    def __init__(self, config: TopFormerConfig, injected_channels: int) -> None:
        super().__init__()
        self.channels = (injected_channels,) * 3
        self.topformer = TopFormer(config)
        quiet_skips(self.topformer)
        *widths, semantic = self.topformer.channels
        self.token_channels = widths
        self.first = semantic - sum(widths)  # x6 starts with stride 4's channels
        self.local = nn.ModuleList(ConvBN(width, injected_channels) for width in widths)
        self.inject = nn.ModuleList(SemanticEnhancer(width, injected_channels) for width in widths)

    def forward(self, image: Tensor) -> Pyramid:
        *maps, x6 = self.topformer(image)
        semantics = x6[:, self.first :].split(self.token_channels, dim=1)
        return tuple(
            inject(local(x), g)
            for local, inject, x, g in zip(self.local, self.inject, maps, semantics, strict=True)
        )


def quiet_skips(network: nn.Module) -> None:
    """Makes every inverted residual with a skip quiet at the start, as in our MobileNetV2."""
    for block in network.modules():
        if isinstance(block, InvertedResidual) and block.has_skip:
            quiet(block.layers)


BACKBONES: dict[str, Callable[[], PyramidBackbone]] = {
    **{name: partial(ResNet, config) for name, config in RESNETS.items()},
    "mobilenet-v2": MobileNetV2,
    **{
        name: partial(TopFormerPyramid, TOPFORMERS[name], channels)
        for name, channels in INJECTED_CHANNELS.items()
    },
}


def build_pyramid(name: str) -> PyramidBackbone:
    """The backbone of that name, with random weights. Raises UnknownModelError."""
    if name not in BACKBONES:
        raise UnknownModelError(
            f"unknown backbone {name!r}: the known names are {', '.join(BACKBONES)}"
        )
    backbone = BACKBONES[name]()
    he(backbone)
    return backbone

"""The networks by name: one table of configurations and one `build`.

MobileInst is mobileinst-<backbone>, with -ytvis for the 40 classes of YouTube-VIS and, for the
ablations of the paper's Tab. 3–6, with what differs behind it. The ablations have no semantic
enhancer, as in the paper. The networks that it is compared with are in `models.peers.families`.
"""

import math
from dataclasses import dataclass, replace
from typing import Literal, get_args, overload

import torch
from torch import nn

from models.backbones.features import Backbone
from models.backbones.seaformer import SEAFORMERS, SeaFormer
from models.backbones.topformer import TOPFORMERS, TopFormer
from models.errors import ConfigError, UnknownModelError
from models.mobileinst.instance_decoder import Heads, InstanceDecoder, LocalPool
from models.mobileinst.mask_decoder import (
    ConcatFusion,
    FeaturePyramid,
    IterativePyramid,
    MaskDecoder,
    stacked_projection,
)
from models.mobileinst.network import MobileInst
from models.peers.families import (
    FAMILIES,
    LARGEST,
    PEERS,
    YTVIS_CLASSES,
    PeerConfig,
    build_peer,
    family_of,
)
from models.peers.peer import Peer

COCO_CLASSES = 80

MaskDecoderName = Literal["mobileinst", "fpn", "sparseinst"]
PoolName = Literal["max", "avg", "none"]
StageName = Literal["global", "local"]


@dataclass(frozen=True)
class MobileInstConfig:
    backbone: str = "topformer-base"
    mask_decoder: MaskDecoderName = "mobileinst"  # (Tab. 5)
    semantic_enhancer: bool = True  # only in the mask decoder "mobileinst"
    mask_convs: int = 1  # 3×3 convolutions before the mask features of "fpn" and "sparseinst"
    stages: tuple[StageName, ...] = (
        "global",
        "local",
    )  # of the instance decoder (Tab. 3)
    pool: PoolName = "max"  # local from mask features (Tab. 4)
    pool_size: int = 8
    num_queries: int = 100  # (Tab. 6)
    num_classes: int = COCO_CLASSES
    dim: int = 256
    num_heads: int = 8


Config = MobileInstConfig | PeerConfig
Network = MobileInst | Peer

MOBILEINST = "mobileinst"
ARCHITECTURES: dict[str, type[Config]] = {
    MOBILEINST: MobileInstConfig,
    **{name: family.config for name, family in FAMILIES.items()},
}

_BASE = MobileInstConfig()
_PLAIN = replace(_BASE, semantic_enhancer=False)
_BACKBONES = {
    "topformer-t": "topformer-tiny",
    "topformer-s": "topformer-small",
    "topformer-b": "topformer-base",
    "seaformer-t": "seaformer-tiny",
    "seaformer-s": "seaformer-small",
    "seaformer-b": "seaformer-base",
    "seaformer-l": "seaformer-large",
}
_ABLATIONS = {
    "no-se": _PLAIN,
    "global": replace(_PLAIN, stages=("global",)),
    "local": replace(_PLAIN, stages=("local",)),
    "global-global": replace(_PLAIN, stages=("global", "global")),
    "local-local": replace(_PLAIN, stages=("local", "local")),
    "pool-none": replace(_PLAIN, pool="none"),
    "pool-max4": replace(_PLAIN, pool_size=4),
    "pool-avg8": replace(_PLAIN, pool="avg"),
    "sparseinst-4conv": replace(_PLAIN, mask_decoder="sparseinst", mask_convs=4),
    "sparseinst-1conv": replace(_PLAIN, mask_decoder="sparseinst"),
    "fpn-1conv": replace(_PLAIN, mask_decoder="fpn"),
    "200-queries": replace(_PLAIN, num_queries=200),
    "50-queries": replace(_PLAIN, num_queries=50),
    "20-queries": replace(_PLAIN, num_queries=20),
}

ZOO: dict[str, Config] = {
    **{f"mobileinst-{short}": replace(_BASE, backbone=name) for short, name in _BACKBONES.items()},
    **{
        f"mobileinst-{short}-ytvis": replace(_BASE, backbone=name, num_classes=YTVIS_CLASSES)
        for short, name in _BACKBONES.items()
    },
    **{f"mobileinst-topformer-b-{suffix}": config for suffix, config in _ABLATIONS.items()},
    **PEERS,
}


def find(name: str) -> Config:
    """The configuration of that name. Raises UnknownModelError, which lists the known names."""
    if name not in ZOO:
        raise UnknownModelError(f"unknown model {name!r}: the known names are {', '.join(ZOO)}")
    return ZOO[name]


def find_mobileinst(name: str) -> MobileInstConfig:
    """Raises UnknownModelError, or ConfigError for a network that is no MobileInst."""
    config = find(name)
    if not isinstance(config, MobileInstConfig):
        raise ConfigError(f"{name} is a {family_of(config)} network, expected a MobileInst")
    return config


def architecture_of(config: Config) -> str:
    """Its name in `ARCHITECTURES`."""
    return MOBILEINST if isinstance(config, MobileInstConfig) else family_of(config)


def build_backbone(name: str) -> Backbone:
    """The backbone of that name, with random weights. Raises UnknownModelError."""
    if name in TOPFORMERS:
        return TopFormer(TOPFORMERS[name])
    if name in SEAFORMERS:
        return SeaFormer(SEAFORMERS[name])
    raise UnknownModelError(
        f"unknown backbone {name!r}: the known names are {', '.join([*TOPFORMERS, *SEAFORMERS])}"
    )


def check_config(config: MobileInstConfig) -> None:
    """Raises ConfigError for an unknown word or a number out of range."""
    names = ("mask_convs", "pool_size", "num_queries", "num_classes", "dim", "num_heads")
    numbers = {name: getattr(config, name) for name in names}
    for name, words in (("mask_decoder", MaskDecoderName), ("pool", PoolName)):
        if getattr(config, name) not in get_args(words):
            raise ConfigError(f"{name} is {getattr(config, name)!r}, expected {get_args(words)}")
    if not config.stages or not set(config.stages) <= set(get_args(StageName)):
        raise ConfigError(f"stages are {config.stages}, expected some of {get_args(StageName)}")
    for name, number in numbers.items():
        if not 1 <= number <= LARGEST:
            raise ConfigError(f"{name} is {number}, expected 1 to {LARGEST}")
    if config.dim % (4 * config.num_heads):  # sine position takes pairs in two directions
        raise ConfigError(f"dim is {config.dim}, expected a multiple of 4 x {config.num_heads}")


def build_mask_decoder(
    config: MobileInstConfig, channels: tuple[int, int, int, int]
) -> MaskDecoder:
    dim = config.dim
    pyramid: nn.Module
    project: nn.Module
    if config.mask_decoder == "mobileinst":
        pyramid = IterativePyramid(channels, dim, config.semantic_enhancer)
        project = nn.Conv2d(dim, dim, 3, padding=1)
    else:
        pyramid = FeaturePyramid(channels, dim, pooling=config.mask_decoder == "sparseinst")
        project = stacked_projection(dim, config.mask_convs)
    return MaskDecoder(pyramid, ConcatFusion(dim), project)


def initialise(network: MobileInst) -> None:
    """He initialisation for convolutions; focal-loss prior 0.01 on the class head (SparseInst)."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_in", nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    nn.init.constant_(network.heads.classify.bias, -math.log(99))


def build_mobileinst(config: MobileInstConfig) -> MobileInst:
    """With random weights. Raises UnknownModelError for its backbone, or ConfigError."""
    check_config(config)
    backbone = build_backbone(config.backbone)
    decoder = InstanceDecoder(
        config.stages,
        LocalPool(config.pool, config.pool_size),
        config.num_queries,
        config.dim,
        config.num_heads,
        backbone.channels[3],
    )
    network = MobileInst(
        backbone,
        build_mask_decoder(config, backbone.channels),
        decoder,
        Heads(config.dim, config.num_classes),
    )
    initialise(network)
    return network


@overload
def build(config: MobileInstConfig, seed: int = 0) -> MobileInst: ...
@overload
def build(config: PeerConfig, seed: int = 0) -> Peer: ...
def build(config: Config, seed: int = 0) -> Network:
    """The network in evaluation mode, with weights drawn from `seed`.

    The global random state is left as it was. Raises UnknownModelError for its backbone, or
    ConfigError.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if isinstance(config, MobileInstConfig):
            return build_mobileinst(config).eval()
        return build_peer(config).eval()

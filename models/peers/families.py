"""The peers by name: a table of families, one of configurations, and one `build_peer`.

A name is family-backbone, as in the rows of the paper's Tab. 1 and Tab. 2.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from models.errors import ConfigError
from models.peers.condinst import CondInstConfig, build_condinst
from models.peers.crossvis import CrossVisConfig, build_crossvis
from models.peers.peer import Peer
from models.peers.solov2 import Solov2Config, build_solov2, lite
from models.peers.sparseinst import SparseInstConfig, build_sparseinst
from models.peers.yolact import YolactConfig, build_yolact

YTVIS_CLASSES = 40
LARGEST = 4096  # of any number in a configuration

PeerConfig = SparseInstConfig | YolactConfig | CondInstConfig | CrossVisConfig | Solov2Config


@dataclass(frozen=True)
class Family:
    config: type[PeerConfig]
    build: Callable[[Any], Peer]  # takes a configuration of that class


FAMILIES = {
    "sparseinst": Family(SparseInstConfig, build_sparseinst),
    "yolact": Family(YolactConfig, build_yolact),
    "condinst": Family(CondInstConfig, build_condinst),
    "crossvis": Family(CrossVisConfig, build_crossvis),
    "solov2": Family(Solov2Config, build_solov2),
}

PEERS: dict[str, PeerConfig] = {
    "sparseinst-resnet50": SparseInstConfig("resnet50"),
    "sparseinst-topformer-b": SparseInstConfig("topformer-base"),
    "yolact-resnet50": YolactConfig("resnet50"),
    "yolact-mobilenetv2": YolactConfig("mobilenet-v2"),
    "yolact-topformer-b": YolactConfig("topformer-base"),
    "condinst-resnet50": CondInstConfig("resnet50"),
    "condinst-topformer-b": CondInstConfig("topformer-base"),
    "solov2-lite-resnet50": lite("resnet50"),
    "solov2-lite-resnet18": lite("resnet18"),
    "solov2-mobilenetv2": Solov2Config("mobilenet-v2"),
    "crossvis-topformer-b": CrossVisConfig("topformer-base", YTVIS_CLASSES),
    "sparseinst-vis-topformer-b": SparseInstConfig("topformer-base", YTVIS_CLASSES),
}


def family_of(config: PeerConfig) -> str:
    return next(name for name, family in FAMILIES.items() if type(config) is family.config)


def build_peer(config: PeerConfig) -> Peer:
    """With random weights. Raises UnknownModelError for its backbone, or ConfigError."""
    for name, value in asdict(config).items():
        if isinstance(value, int) and not 1 <= value <= LARGEST:
            raise ConfigError(f"{name} is {value}, expected 1 to {LARGEST}")
    return FAMILIES[family_of(config)].build(config)

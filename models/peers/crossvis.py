"""CrossVIS: CondInst with an embedding of each place, by which frames' instances are matched.

Yang et al., "Crossover Learning for Fast Online Video Instance Segmentation", ICCV 2021. Crossover
learning shapes the weights alone; what runs is CondInst and an embedding branch beside its towers.
The association is left to who runs the network. B images, L places (`fcos_locations`).
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

from torch import Tensor, nn

from models.layers import ConvBN
from models.peers.condinst import CondInst, CondInstConfig, build_condinst
from models.peers.fcos import rows_of, tower
from models.peers.initialise import narrow
from models.peers.peer import Peer


@dataclass(frozen=True)
class CrossVisConfig:
    """`embedding_dim` beside CondInst's fields."""

    backbone: str = "topformer-base"
    num_classes: int = 40  # of YouTube-VIS
    dim: int = 256
    mask_dim: int = 128
    embedding_dim: int = 256


class CrossVisPrediction(NamedTuple):
    """CondInst's fields (`condinst.CondInstPrediction`), and the embeddings."""

    class_logits: Tensor
    boxes: Tensor
    centerness: Tensor
    controllers: Tensor
    mask_features: Tensor
    embeddings: Tensor  # [B, L, E], not normalised


class CrossVis(Peer):
    """Image [B, 3, H, W], normalised RGB -> CrossVisPrediction.

    The embeddings come from a tower of their own, a 1×1 and a batch norm, as in the released code.
    """

    def __init__(self, condinst: CondInst, embedding_dim: int) -> None:
        super().__init__()
        dim = condinst.head.dim
        self.condinst = condinst
        self.embed = nn.Sequential(tower(dim), ConvBN(dim, embedding_dim))
        self.mask_head = condinst.mask_head
        narrow(self.embed)

    def forward(self, image: Tensor) -> CrossVisPrediction:
        levels = self.condinst.levels(image)
        prediction = self.condinst.decode(levels)
        return CrossVisPrediction(*prediction, rows_of([self.embed(x) for x in levels]))

    def select(self, prediction: Any, n: int) -> dict[str, Tensor]:
        """As CondInst's."""
        return self.condinst.select(prediction, n)


def build_crossvis(config: CrossVisConfig) -> CrossVis:
    """With random weights. Raises UnknownModelError for the backbone."""
    plain = CondInstConfig(config.backbone, config.num_classes, config.dim, config.mask_dim)
    return CrossVis(build_condinst(plain), config.embedding_dim)

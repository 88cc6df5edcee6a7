"""MACs and parameters, and the paper's ablation rows to set them against.

fvcore counts one multiply-add as one, and counts batch norm, layer norm and bilinear resizing too;
SparseInst's repository, by the same authors, uses it and calls the result FLOPs, as the paper.
"""

import contextlib
import logging
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from fvcore.nn import FlopCountAnalysis
from torch import Tensor, nn

from models import zoo
from models.backbones.features import Features
from models.mobileinst.network import MobileInst, Prediction, check_size
from models.peers.peer import INSTANCES
from models.zoo import Network

PAPER_SIZE = (320, 640)  # height, width


@dataclass(frozen=True)
class PaperRow:
    table: str  # the table or tables of the paper that print it
    row: str
    model: str  # its name in the zoo
    paper_gmacs: float


@dataclass(frozen=True)
class CountedRow:
    table: str
    row: str
    model: str
    paper_gmacs: float
    gmacs: float
    error: float  # |gmacs - paper_gmacs| / paper_gmacs
    params: int


_B = "mobileinst-topformer-b"
PAPER_ROWS = (
    PaperRow("3-6", "ours", f"{_B}-no-se", 8.75),
    PaperRow("5", "ours+SE", _B, 8.79),
    PaperRow("3", "global", f"{_B}-global", 8.69),
    PaperRow("3", "local", f"{_B}-local", 8.68),
    PaperRow("3", "global x2", f"{_B}-global-global", 8.75),
    PaperRow("3", "local x2", f"{_B}-local-local", 8.74),
    PaperRow("4", "no pooling", f"{_B}-pool-none", 9.32),
    PaperRow("4", "4x4 max", f"{_B}-pool-max4", 8.77),
    PaperRow("5", "SparseInst, 4x conv", f"{_B}-sparseinst-4conv", 12.38),
    PaperRow("5", "SparseInst, 1x conv", f"{_B}-sparseinst-1conv", 6.72),
    PaperRow("5", "FPN, 1x conv", f"{_B}-fpn-1conv", 6.69),
    PaperRow("6", "200 queries", f"{_B}-200-queries", 8.97),
    PaperRow("6", "50 queries", f"{_B}-50-queries", 8.65),
    PaperRow("6", "20 queries", f"{_B}-20-queries", 8.59),
)


class Decoders(nn.Module):
    """What follows the backbone, as a module, for the counter."""

    def __init__(self, network: MobileInst) -> None:
        super().__init__()
        self.network = network

    def forward(self, *features: Tensor) -> Prediction:
        return self.network.decode(Features(*features))


@contextlib.contextmanager
def quiet_tracer() -> Iterator[None]:
    """Without remarks on operations that count nothing and on values that become constants."""
    logger = logging.getLogger("fvcore.nn.jit_analysis")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def count_macs(network: Network, height: int, width: int) -> int:
    """Multiply-adds of one image, counted by fvcore; with those of the masks of `INSTANCES`.

    Raises InputSizeError.
    """
    check_size(height, width)
    image = torch.zeros(1, 3, height, width)
    with quiet_tracer(), torch.inference_mode():
        return int(sum(FlopCountAnalysis(*part).total() for part in parts(network, image)))


def parts(network: Network, image: Tensor) -> Iterator[tuple[nn.Module, tuple[Tensor, ...]]]:
    """The modules that make up a network, each with its inputs.

    MobileInst's backbone is apart from what follows it: the tracer drops what is not used, and the
    backbone computes x6 also where no decoder stage looks at it.
    """
    if isinstance(network, MobileInst):
        yield network.backbone, (image,)
        yield Decoders(network), tuple(network.backbone(image))
        return
    yield network, (image,)
    if network.mask_head is not None:
        yield network.mask_head, tuple(network.select(network(image), INSTANCES).values())


def count_params(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def count_row(row: PaperRow) -> CountedRow:
    network = zoo.build(zoo.find(row.model))
    gmacs = count_macs(network, *PAPER_SIZE) / 1e9
    return CountedRow(
        row.table,
        row.row,
        row.model,
        row.paper_gmacs,
        gmacs=round(gmacs, 4),
        error=round(abs(gmacs / row.paper_gmacs - 1), 6),
        params=count_params(network),
    )

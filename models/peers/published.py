"""MACs and parameters of the peers and their backbones, beside published ones.

The papers of YOLACT, CondInst, SOLOv2, CrossVIS and SparseInst print frames a second and AP, but
neither MACs nor parameters; SparseInst's repository has a counter and no figures. What can be
compared are the backbones, and a YOLACT that was counted by others.
"""

from dataclasses import dataclass

import torch
from fvcore.nn import FlopCountAnalysis

from models import zoo
from models.complexity import PAPER_SIZE, count_macs, count_params, parts, quiet_tracer
from models.peers.backbones import BACKBONES, build_pyramid
from models.peers.families import PEERS

IMAGENET = (224, 224)
HEAD_550 = 1_399_135  # parameters of YOLACT's prediction head, for 80 classes
TORCHVISION = "torchvision's table of ImageNet weights"


@dataclass(frozen=True)
class Published:
    model: str  # a name of the zoo, or a backbone's
    size: tuple[int, int]  # height and width that the publication counts at
    gmacs: float
    mparams: float
    source: str
    why: str  # ours differs
    rest_gmacs: float = 0.0  # what the publication has besides
    rest_mparams: float = 0.0
    counted_size: tuple[int, int] | None = None  # ours, where it can't be that size


PUBLISHED = (
    Published(
        "resnet18",
        IMAGENET,
        1.81,
        11.69,
        TORCHVISION,
        "ours ends at C5: the classifier of 512 x 1000 is missing",
        rest_gmacs=512 * 1000 / 1e9,
        rest_mparams=513 * 1000 / 1e6,
    ),
    Published(
        "resnet50",
        IMAGENET,
        4.09,
        25.56,
        f"{TORCHVISION}; He et al., CVPR 2016, Tab. 1, print 3.8 with the stride in the first 1x1",
        "ours ends at C5: the classifier of 2048 x 1000 is missing",
        rest_gmacs=2048 * 1000 / 1e9,
        rest_mparams=2049 * 1000 / 1e6,
    ),
    Published(
        "mobilenet-v2",
        IMAGENET,
        0.30,
        3.4,
        "Sandler et al., CVPR 2018, Tab. 4; torchvision counts 3.50 M",
        "ours ends before the last 1x1, 320 to 1280, and the classifier",
        rest_gmacs=(320 * 1280 * 49 + 1280 * 1000) / 1e9,
        rest_mparams=(322 * 1280 + 1281 * 1000) / 1e6,
    ),
    Published(
        "topformer-base",
        (512, 512),
        1.8,
        5.1,
        "Zhang et al., CVPR 2022, the repository's table on ADE20K",
        "theirs has a head for 150 classes behind the injection: a 1x1 of 256 and the classifier",
        rest_gmacs=(256 * 256 + 256 * 150) * 64 * 64 / 1e9,
        rest_mparams=(258 * 256 + 257 * 150) / 1e6,
    ),
    Published(
        "yolact-resnet50",
        (550, 550),
        118.575 / 2,
        36.829,
        "OpenVINO's Open Model Zoo, yolact-resnet50-fpn-pytorch, which counts two a multiply-add",
        "theirs counts the prediction head once for each of five levels that share it, and the "
        "priors of 19248 anchors; 550 is no multiple of 32",
        rest_mparams=(4 * HEAD_550 + 4 * 19248) / 1e6,
        counted_size=(544, 544),
    ),
)


@dataclass(frozen=True)
class CountedPublished:
    """Millions of parameters, G multiply-adds; `error` of ours with the rest, relative."""

    model: str
    size: tuple[int, int]
    published_gmacs: float
    gmacs: float
    gmacs_error: float
    published_mparams: float
    mparams: float
    mparams_error: float
    source: str
    why: str


@dataclass(frozen=True)
class CountedPeer:
    """At 320x640; with a mask head, 100 instances."""

    model: str
    gmacs: float
    mparams: float
    masks_gmacs: float  # of `gmacs`, the mask head's


def count_published(row: Published) -> CountedPublished:
    size = row.counted_size or row.size
    macs, params = count_backbone(row.model, size) if row.model in BACKBONES else count(row, size)
    gmacs, mparams = macs / 1e9, params / 1e6
    return CountedPublished(
        row.model,
        row.size,
        row.gmacs,
        round(gmacs, 4),
        round((gmacs + row.rest_gmacs) / row.gmacs - 1, 6),
        row.mparams,
        round(mparams, 4),
        round((mparams + row.rest_mparams) / row.mparams - 1, 6),
        row.source,
        row.why,
    )


def count(row: Published, size: tuple[int, int]) -> tuple[int, int]:
    network = zoo.build(zoo.find(row.model))
    return count_macs(network, *size), count_params(network)


def count_backbone(name: str, size: tuple[int, int]) -> tuple[int, int]:
    """MACs and parameters."""
    backbone = build_pyramid(name).eval()
    with quiet_tracer(), torch.inference_mode():
        macs = FlopCountAnalysis(backbone, torch.zeros(1, 3, *size)).total()
    return int(macs), count_params(backbone)


def count_peer(name: str) -> CountedPeer:
    """Of a name in `PEERS`."""
    network = zoo.build(PEERS[name])
    with quiet_tracer(), torch.inference_mode():
        image = torch.zeros(1, 3, *PAPER_SIZE)
        gmacs = [FlopCountAnalysis(*part).total() / 1e9 for part in parts(network, image)]
    return CountedPeer(
        name,
        round(sum(gmacs), 4),
        round(count_params(network) / 1e6, 4),
        round(sum(gmacs[1:]), 4),
    )

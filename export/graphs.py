"""The graphs of MobileInst's bundle: what each is, what goes in and comes out, by name.

keyframe          image → class_logits, objectness, kernels, mask_logits         once every T frames
keyframe_literal  the same without the commuted fusion, as the paper draws it    on request
fold              kernels → folded_*                                              once a keyframe
reuse_folded      image, folded_* → mask_logits                                   frames in between
reuse_plain       image, kernels → mask_logits, the paper's own reuse             instead of folded
"""

from dataclasses import dataclass

from torch import Tensor, nn

from export import specs
from export.manifest import TensorSpec
from export.rewrites.baked_preprocessing import BakedPreprocessing
from export.rewrites.batch_norm import fold_batch_norm
from export.rewrites.commuted_fusion import commute_fusion
from export.rewrites.fixed_pooling import fix_pooling
from export.rewrites.folded_kernels import fold_of, reuse_of
from export.sides import rows
from models.backbones.features import Features
from models.mobileinst.mask_decoder import MaskDecoder
from models.mobileinst.network import MobileInst, apply_kernels, check_size
from models.peers.peer import INSTANCES
from models.preprocessing import Preprocessing

KEYFRAME = "keyframe"
KEYFRAME_LITERAL = "keyframe_literal"
FOLD = "fold"
REUSE_FOLDED = "reuse_folded"
REUSE_PLAIN = "reuse_plain"


class Keyframe(nn.Module):
    """Image -> class logits, objectness, kernels, mask logits."""

    def __init__(self, network: MobileInst, preprocess: nn.Module) -> None:
        super().__init__()
        self.preprocess = preprocess
        self.backbone = network.backbone
        self.mask_decoder = network.mask_decoder
        self.instance_decoder = network.instance_decoder
        self.heads = network.heads

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        features = self.backbone(self.preprocess(image))
        mask_features = self.mask_decoder(features)
        instances = self.heads(self.instance_decoder(features.x6, mask_features))
        return (*instances, apply_kernels(instances.kernels, mask_features))


class ReusePlain(nn.Module):
    """Image and live kernels [1, n, D] -> mask logits [1, n, H/8, W/8] (Eq. 2)."""

    def __init__(self, network: MobileInst, preprocess: nn.Module) -> None:
        super().__init__()
        self.preprocess = preprocess
        self.backbone = network.backbone
        self.mask_decoder = network.mask_decoder

    def forward(self, image: Tensor, kernels: Tensor) -> Tensor:
        return apply_kernels(kernels, self.mask_decoder(self.backbone(self.preprocess(image))))


class ReuseFolded(nn.Module):
    """Image and folded kernels -> mask logits [1, n, H/8, W/8] (`rewrites.folded_kernels`)."""

    def __init__(self, network: MobileInst, preprocess: nn.Module) -> None:
        super().__init__()
        self.preprocess = preprocess
        self.backbone = network.backbone
        self.mask_decoder = FoldedMaskDecoder(network.mask_decoder)

    def forward(self, image: Tensor, *folded: Tensor) -> Tensor:
        y: Tensor = self.mask_decoder(self.backbone(self.preprocess(image)), *folded)
        return y


class FoldedMaskDecoder(nn.Module):
    """Features and folded kernels -> mask logits; what it keeps of the decoder keeps its name."""

    def __init__(self, decoder: MaskDecoder) -> None:
        super().__init__()
        self.pyramid = decoder.pyramid
        self.reuse = reuse_of(decoder)

    def forward(self, features: Features, *folded: Tensor) -> Tensor:
        y: Tensor = self.reuse(self.pyramid(features), *folded)
        return y


@dataclass(frozen=True)
class Graph:
    """A module with named inputs and outputs, ready to be exported."""

    name: str
    description: str
    module: nn.Module
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]


@dataclass(frozen=True)
class GraphOptions:
    """What the graphs are made for."""

    preprocessing: Preprocessing
    kernels: int | None = 10  # live kernels n of the reuse graphs; None leaves n free
    source_size: tuple[int, int] | None = None  # bake preprocessing for pictures of this h, w
    literal: bool = False  # the paper's literal keyframe graph too
    instances: int = INSTANCES  # chosen instances of a peer's mask head


def build_graphs(network: MobileInst, options: GraphOptions) -> dict[str, Graph]:
    """All graphs of a bundle, keyframe first.

    Raises InputSizeError where the preprocessing's size is none that the network takes.
    """
    preprocessing = options.preprocessing
    check_size(preprocessing.height, preprocessing.width)
    preprocess = BakedPreprocessing(preprocessing) if options.source_size else nn.Identity()
    literal = fix_pooling(fold_batch_norm(network))
    commuted = commute_fusion(literal)
    fold = fold_of(literal.mask_decoder)
    dim = network.instance_decoder.queries.embedding_dim
    image = specs.image(preprocessing, options.source_size)
    kernels = specs.live_kernels(dim, options.kernels)
    folded = specs.folded(fold.outputs, options.kernels)
    predictions = specs.predictions(network, preprocessing)
    masks = specs.masks(rows(1, options.kernels), preprocessing)
    graphs = [
        Graph(
            KEYFRAME,
            "a keyframe: every query's class, objectness, kernel and mask",
            Keyframe(commuted, preprocess),
            (image,),
            predictions,
        ),
        Graph(
            REUSE_PLAIN,
            "a frame between keyframes, as in the paper: without the instance decoder",
            ReusePlain(commuted, preprocess),
            (image, kernels),
            (masks,),
        ),
        Graph(FOLD, "folds the live kernels, once a keyframe", fold, (kernels,), folded),
        Graph(
            REUSE_FOLDED,
            "a frame between keyframes, with the mask decoder's linear end folded too",
            ReuseFolded(commuted, preprocess),
            (image, *folded),
            (masks,),
        ),
        Graph(
            KEYFRAME_LITERAL,
            "a keyframe as the paper draws it: levels are enlarged before they are mixed",
            Keyframe(literal, preprocess),
            (image,),
            predictions,
        ),
    ]
    return {g.name: g for g in graphs if options.literal or g.name != KEYFRAME_LITERAL}

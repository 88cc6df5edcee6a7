"""The graphs of a peer's bundle, and what its network says that they have to give.

keyframe   image → the network's raw outputs; every frame is one
masks      some of these as they are, n chosen instances → mask_logits; where masks need that
"""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from export import peer_specs, specs
from export.errors import ConversionError
from export.graphs import KEYFRAME, Graph, GraphOptions
from export.manifest import TensorSpec
from export.reference import Arrays, Reference, to_arrays
from export.rewrites.baked_preprocessing import BakedPreprocessing
from export.rewrites.batch_norm import fold_batch_norm
from export.rewrites.commuted_fusion import commute_fusion
from export.rewrites.fixed_pooling import fix_pooling
from models.mobileinst.network import check_size
from models.peers.peer import Peer

MASKS = "masks"
MASK_LOGITS = "mask_logits"


def build_peer_graphs(network: Peer, options: GraphOptions) -> dict[str, Graph]:
    """Raises InputSizeError, or ConversionError for more instances than the network can give."""
    preprocessing = options.preprocessing
    check_size(preprocessing.height, preprocessing.width)
    image = torch.zeros(1, 3, preprocessing.height, preprocessing.width)
    with torch.inference_mode():
        outputs = network(image)
        check_instances(network, outputs, options.instances)
        chosen = network.select(outputs, options.instances) if network.mask_head else {}
        masks = run_masks(network, chosen) if network.mask_head else {}
    exact = commute_fusion(fix_pooling(fold_batch_norm(network)))
    keyframe = Graph(
        KEYFRAME,
        "a frame: the network's raw outputs, before anything is suppressed or assembled",
        bake(exact, options),
        (specs.image(preprocessing, options.source_size),),
        to_specs(outputs._asdict(), peer_specs.OUTPUTS[type(outputs)]),
    )
    if exact.mask_head is None:
        return {KEYFRAME: keyframe}
    description = f"masks of {options.instances} instances that were chosen from the keyframe's"
    inputs, outputs = to_specs(chosen, peer_specs.CHOSEN), to_specs(masks, peer_specs.CHOSEN)
    return {
        KEYFRAME: keyframe,
        MASKS: Graph(MASKS, description, exact.mask_head, inputs, outputs),
    }


def bake(network: Peer, options: GraphOptions) -> nn.Module:
    if options.source_size is None:
        return network
    preprocess = BakedPreprocessing(options.preprocessing)
    return nn.Sequential(OrderedDict(preprocess=preprocess, network=network))


def check_instances(network: Peer, outputs: Any, instances: int) -> None:
    candidates = outputs[0].shape[1]
    if network.mask_head is not None and instances > candidates:
        raise ConversionError(
            f"masks of {instances} instances were asked for, but at this size the network has "
            f"{candidates} candidates: give --instances 1 to {candidates}"
        )


def run_masks(network: Peer, chosen: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The mask head on its inputs by name."""
    assert network.mask_head is not None
    return {MASK_LOGITS: network.mask_head(**chosen)}


def to_specs(
    tensors: Mapping[str, Tensor], descriptions: Mapping[str, str]
) -> tuple[TensorSpec, ...]:
    return tuple(
        TensorSpec(name, tuple(tensor.shape), "float32", descriptions[name])
        for name, tensor in tensors.items()
    )


class PeerReference(Reference[Peer]):
    """The network itself, and its mask head on the instances that it selects."""

    def expected(self, image: NDArray[np.float32], previous: Arrays | None) -> dict[str, Arrays]:
        """Nothing reaches a frame from the one before."""
        with torch.inference_mode():
            outputs = self.network(self.tensor(image))
            tensors = {KEYFRAME: to_arrays(outputs._asdict())}
            if self.network.mask_head is not None:
                chosen = self.network.select(outputs, self.count)
                tensors[MASKS] = to_arrays({**chosen, **run_masks(self.network, chosen)})
        return tensors

    def again(self, image: NDArray[np.float32], tensors: dict[str, Arrays]) -> dict[str, Arrays]:
        again = {KEYFRAME: self.keyframe(image)}
        if self.network.mask_head is not None:
            given = {name: a for name, a in tensors[MASKS].items() if name != MASK_LOGITS}
            chosen = {name: self.tensor(array) for name, array in given.items()}
            with torch.inference_mode():
                again[MASKS] = {**given, **to_arrays(run_masks(self.network, chosen))}
        return again

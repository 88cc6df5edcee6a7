"""Temporal training by query passing (§3.5, Fig. 4). It adds no parameters.

The queries that frame t has behind the first decoder stage, the global one, are passed to the
remaining stages of frame t+δ. The masks that they give there have the targets of that frame's own
masks, and the mask losses alone.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from models.mobileinst.instance_decoder import Instances
from models.mobileinst.network import MobileInst, Prediction, apply_kernels, check_size


class PairPrediction(NamedTuple):
    """B pairs of frames."""

    both: Prediction  # [2B, ...]: the frames t, then the frames t+δ
    passed_mask_logits: Tensor  # [B, N, H/8, W/8] of the frames t+δ, by queries of the frames t


def predict_pairs(network: MobileInst, first: Tensor, second: Tensor) -> PairPrediction:
    """Frames t and t+δ, each [B, 3, H, W], normalised.

    Raises InputSizeError where H or W is not a multiple of 32.
    """
    check_size(*first.shape[2:])
    features = network.backbone(torch.cat([first, second]))
    mask_features = network.mask_decoder(features)
    decoder = network.instance_decoder
    context = decoder.context(features.x6, mask_features)
    early = decoder.first_stage(context)
    instances: Instances = network.heads(decoder.later_stages(early, context))
    masks = apply_kernels(instances.kernels, mask_features)
    pairs = len(first)
    later = {kind: x[pairs:] for kind, x in context.items()}
    passed: Instances = network.heads(decoder.later_stages(early[:pairs], later))
    return PairPrediction(
        Prediction(instances.class_logits, instances.objectness, instances.kernels, masks),
        apply_kernels(passed.kernels, mask_features[pairs:]),
    )

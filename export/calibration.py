"""Batch-norm statistics from real pictures, for a network whose weights were drawn, not trained.

With random statistics activations grow or vanish over the depth, and an agreement between two
runtimes would say little. One pass in training mode over real pictures gives every layer outputs
of mean 0 and variance 1, as training would.
"""

import copy

import torch
from torch import Tensor, nn

from models.mobileinst.network import MobileInst


def calibrate_batch_norm(network: MobileInst, images: Tensor) -> MobileInst:
    """A copy whose batch norms hold the exact statistics of `images` [B, 3, H, W]; in eval()."""
    result = copy.deepcopy(network)
    for module in result.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.reset_running_stats()
            module.momentum = None  # a plain average over passes, here over the one
            module.train()
    with torch.inference_mode():
        result(images)
    return result.eval()

"""Weights for a network that was not trained, good enough to tell right from wrong.

Drawn weights alone would not do. With random batch-norm statistics activations grow or vanish over
the depth, and rounding with them (2e-2 between two runtimes was seen); with biases of 0, as
training starts with, a runtime that loses a bias would agree. So biases are drawn too, and the
batch norms get the statistics of real pictures, as training would give them.
"""

import copy

import torch
from torch import Tensor, nn

from models.mobileinst.network import MobileInst

BIAS_STD = 0.1  # of outputs that batch norm brings to a standard deviation of 1


def stand_in(network: MobileInst, images: Tensor, seed: int) -> MobileInst:
    """A copy with drawn biases and the batch norms' statistics of `images` [B, 3, H, W]."""
    result = copy.deepcopy(network)
    draw_biases(result, seed)
    return calibrate_batch_norm(result, images)


def draw_biases(network: nn.Module, seed: int) -> None:
    """Adds noise to every bias, in place."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in network.named_parameters():
        if name.endswith(".bias"):
            noise = torch.randn(parameter.shape, generator=generator)
            parameter.data += BIAS_STD * noise


def calibrate_batch_norm(network: MobileInst, images: Tensor) -> MobileInst:
    """A copy whose batch norms hold the exact statistics of `images` [B, 3, H, W]; in eval().

    One pass in training mode, after which every layer's outputs have mean 0 and variance 1.
    """
    result = copy.deepcopy(network)
    for module in result.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.reset_running_stats()
            module.momentum = None  # a plain average over passes, here over the one
            module.train()
    with torch.inference_mode():
        result(images)
    return result.eval()

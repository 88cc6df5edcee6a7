"""Weights for a network that was not trained, good enough to tell right from wrong.

Drawn weights alone would not do. With random batch-norm statistics activations grow or vanish over
the depth, and rounding with them (2e-2 between two runtimes was seen); with biases of 0, as
training starts with, a runtime that loses a bias would agree; and with mask features that share a
large mean every mask is empty or full, so that no IoU says anything. So biases are drawn too, the
batch norms get the statistics of real pictures, as training would give them, and so do the mask
features.
"""

import copy

import torch
from torch import Tensor, nn

from export.rewrites.replace import Root
from models.mobileinst.network import MobileInst

BIAS_STD = 0.1  # of outputs that batch norm brings to a standard deviation of 1


def stand_in(network: Root, images: Tensor, seed: int) -> Root:
    """A copy with drawn biases and the batch norms' statistics of `images` [B, 3, H, W]."""
    result = copy.deepcopy(network)
    draw_biases(result, seed)
    result = calibrate_batch_norm(result, images)
    if isinstance(result, MobileInst):
        normalise_mask_features(result, images)
    return result


def draw_biases(network: nn.Module, seed: int) -> None:
    """Adds noise to every bias, in place."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in network.named_parameters():
        if name.endswith(".bias"):
            noise = torch.randn(parameter.shape, generator=generator)
            parameter.data += BIAS_STD * noise


def calibrate_batch_norm(network: Root, images: Tensor) -> Root:
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


def normalise_mask_features(network: MobileInst, images: Tensor) -> None:
    """Gives the channels of X_mask mean 0 and variance 1 over `images`, in place.

    About half of the pixels of any kernel's mask are then above a probability of 0.5.
    """
    project = network.mask_decoder.project
    last = project[-1] if isinstance(project, nn.Sequential) else project
    assert isinstance(last, nn.Conv2d)
    assert last.bias is not None
    with torch.inference_mode():
        features = network.mask_decoder(network.backbone(images))
    std, mean = torch.std_mean(features.clone(), dim=(0, 2, 3))
    last.weight.data /= std.reshape(-1, 1, 1, 1)
    last.bias.data = (last.bias.data - mean) / std

"""Folds batch norm into the convolution before it.

With y = γ (conv(x) - μ) / sqrt(σ² + ε) + β the convolution's weight becomes w γ / sqrt(σ² + ε) and
its bias β - μ γ / sqrt(σ² + ε).
"""

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from export.rewrites.replace import Root, replace_modules
from models.layers import ConvBN


def fold_batch_norm(network: Root) -> Root:
    """A copy in which every ConvBN is one convolution with bias. The network must be in eval()."""
    return replace_modules(network, ConvBN, fuse)


def fuse(block: ConvBN) -> nn.Conv2d:
    return fuse_conv_bn_eval(block.conv, block.bn)

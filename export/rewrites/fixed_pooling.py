"""Turns adaptive average pooling into operations that every runtime has.

Along an axis where the output divides the input it is ordinary average pooling; elsewhere the
windows differ in size, and the pooling is a product with a constant matrix, P_h x or x P_wᵀ. Such a
matrix has two rows or more, since 1 divides everything: pnnx makes a vector of a single row.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from export.rewrites.replace import Root, replace_modules
from models.layers import AdaptiveAvgPool


def fix_pooling(network: Root) -> Root:
    """A copy whose adaptive pools have fixed windows, chosen by the traced input's size."""
    return replace_modules(network, AdaptiveAvgPool, lambda _: FixedAvgPool())


class FixedAvgPool(nn.Module):
    """[B, C, H, W] -> [B, C, height, width], for the one H×W it is traced with."""

    def forward(self, x: Tensor, height: int, width: int) -> Tensor:
        h, w = x.shape[2:]
        window = [h // height if h % height == 0 else 1, w // width if w % width == 0 else 1]
        if window != [1, 1]:
            x = F.avg_pool2d(x, window)
        if h % height:
            rows = torch.tensor(averaging_matrix(h, height), dtype=x.dtype)
            x = torch.matmul(rows, x)
        if w % width:
            columns = torch.tensor(averaging_matrix(w, width), dtype=x.dtype)
            x = torch.matmul(x, columns.T)
        return x


def averaging_matrix(length: int, windows: int) -> list[list[float]]:
    """[windows, length]; window i averages places floor(i·L/n) up to ceil((i+1)·L/n)."""
    spans = [(i * length // windows, -(-(i + 1) * length // windows)) for i in range(windows)]
    return [
        [1 / (end - start) if start <= place < end else 0.0 for place in range(length)]
        for start, end in spans
    ]

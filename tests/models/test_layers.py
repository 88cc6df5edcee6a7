"""The shared layers against PyTorch's own and against their formulas."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from models.layers import (
    AdaptiveAvgPool,
    ConvBN,
    ConvMlp,
    InvertedResidual,
    MultiHeadAttention,
    sine_position,
)


def as_torchs(ours: MultiHeadAttention) -> nn.MultiheadAttention:
    """PyTorch's attention with the same weights, in float64."""
    dim, context = ours.key.out_features, ours.key.in_features
    theirs = nn.MultiheadAttention(
        dim, ours.num_heads, kdim=context, vdim=context, batch_first=True, dtype=torch.float64
    )
    parts = (ours.query, ours.key, ours.value)
    if theirs.in_proj_weight is not None:  # one matrix where all three widths are the same
        theirs.in_proj_weight.data = torch.cat([part.weight for part in parts])
    else:
        names = ("q_proj_weight", "k_proj_weight", "v_proj_weight")
        for name, part in zip(names, parts, strict=True):
            getattr(theirs, name).data = part.weight.data
    theirs.in_proj_bias.data = torch.cat([part.bias for part in parts])
    theirs.out_proj = ours.output
    return theirs.eval()


@pytest.mark.parametrize(
    ("heads", "context", "n", "m"), [(1, 16, 3, 3), (4, 16, 7, 5), (8, 24, 1, 9), (2, 6, 5, 1)]
)
def test_attention_is_pytorchs(heads: int, context: int, n: int, m: int):
    torch.manual_seed(0)
    ours = MultiHeadAttention(16, heads, context).double()
    query = torch.randn(2, n, 16).double()
    key, value = torch.randn(2, 2, m, context).double()
    with torch.no_grad():
        expected = as_torchs(ours)(query, key, value, need_weights=False)[0]
        assert torch.allclose(ours(query, key, value), expected, rtol=0, atol=1e-12)


def slow_sine_position(height: int, width: int, dim: int) -> list[list[float]]:
    """DETR's formula, one number at a time: y first, sine on even places, cosine on odd ones."""

    def encode(position: float) -> list[float]:
        half = dim // 2
        angles = [position / 10000 ** (2 * (i // 2) / half) for i in range(half)]
        return [math.cos(a) if i % 2 else math.sin(a) for i, a in enumerate(angles)]

    full = 2 * math.pi
    return [
        encode(y / (height + 1e-6) * full) + encode(x / (width + 1e-6) * full)
        for y in range(1, height + 1)
        for x in range(1, width + 1)
    ]


@pytest.mark.parametrize(("height", "width", "dim"), [(1, 1, 4), (2, 3, 8), (5, 10, 256)])
def test_sine_position_is_detrs(height: int, width: int, dim: int):
    expected = torch.tensor([slow_sine_position(height, width, dim)])
    assert torch.allclose(sine_position(height, width, dim), expected, rtol=0, atol=2e-6)


@pytest.mark.parametrize(("stride", "sides"), [(1, (7, 8)), (2, (4, 4))])
@pytest.mark.parametrize("kernel", [1, 3, 5])
def test_conv_bn_keeps_the_rounded_up_share(kernel: int, stride: int, sides: tuple[int, int]):
    x = torch.rand(2, 3, 7, 8)
    assert ConvBN(3, 5, kernel, stride)(x).shape == (2, 5, *sides)


@pytest.mark.parametrize(
    ("out", "stride", "expansion", "skips"),
    [(4, 1, 3, True), (4, 1, 1, True), (4, 2, 3, False), (6, 1, 3, False)],
)
def test_inverted_residual_skips_where_it_fits(out, stride, expansion, skips):
    block = InvertedResidual(4, out, 3, stride, expansion).eval()
    nn.init.zeros_(block.layers[-1].bn.weight)  # the last layer gives 0 then
    x = torch.rand(1, 4, 6, 6)
    y = block(x)
    assert torch.equal(y, x if skips else torch.zeros(1, out, 6 // stride, 6 // stride))


def test_conv_mlp_keeps_the_shape():
    assert ConvMlp(4, 2)(torch.rand(2, 4, 3, 5)).shape == (2, 4, 3, 5)


def test_adaptive_pool_averages():
    x = torch.rand(1, 2, 5, 7)
    assert torch.equal(AdaptiveAvgPool()(x, 2, 3), F.adaptive_avg_pool2d(x, (2, 3)))
    assert torch.allclose(AdaptiveAvgPool()(x, 1, 1)[0, :, 0, 0], x.mean((2, 3))[0])

"""Pushes the live kernels through the linear end of the mask decoder, once a keyframe.

In MobileInst's mask decoder everything behind the refined pyramid is linear: enlarging, the 1×1
fusion A, c and the last 3×3 W, b. So M = K·X_mask needs no X_mask. For the nine taps t of the 3×3:

    fold, once a keyframe:  Wₗ[t] = K·W[t]·Aₗ  for the levels l = 3, 4, 5;   β[t] = K·W[t]·c
    reuse, every frame:     y[t] = W₃[t]·p3 + up(W₄[t]·p4) + up(W₅[t]·p5) + β[t]
                            M = Σ over t of y[t], shifted by t, zeros from outside

The shift of a tap takes zeros from outside the map, as the padding of the 3×3 does, so the borders
are exact too. The 3×3's own bias K·b goes into β of the centre tap, which never looks outside.

The other mask decoders (Tab. 5) end in two linear 1×1 behind a ReLU; there only these are folded.
Rows of folded weights are tap-major: row t·n + i belongs to tap t of kernel i.
"""

import functools
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from export.rewrites.commuted_fusion import split_mix
from models.mobileinst.mask_decoder import ConcatFusion, Levels, MaskDecoder
from models.mobileinst.network import apply_kernels

TAPS = 9
CENTRE = 4


class FoldedTensor(NamedTuple):
    """An output of a fold, [1, rows × n, columns] for n kernels."""

    name: str
    rows: int
    columns: int
    description: str


class PyramidFold(nn.Module):
    """Kernels [1, n, D] -> folded weights of p3, p4, p5, each [1, 9n, D], and bias [1, 9n, 1]."""

    weight_p3: Tensor
    weight_p4: Tensor
    weight_p5: Tensor
    bias: Tensor

    def __init__(self, mix: nn.Conv2d, conv: nn.Conv2d) -> None:
        super().__init__()
        dim = conv.in_channels
        rows = "row t*n + i for tap t of kernel i"
        self.outputs = (
            FoldedTensor("folded_weight_p3", TAPS, dim, f"kernels on the stride-8 level, {rows}"),
            FoldedTensor("folded_weight_p4", TAPS, dim, f"kernels on the stride-16 level, {rows}"),
            FoldedTensor("folded_weight_p5", TAPS, dim, f"kernels on the stride-32 level, {rows}"),
            FoldedTensor("folded_bias", TAPS, 1, f"kernels on the decoder's biases, {rows}"),
        )
        # Float64, since these products are formed once, and rounded once to float32.
        taps = conv.weight.detach().double().flatten(2).permute(2, 0, 1)  # [9, D, D]
        for name, part in zip(("p3", "p4", "p5"), split_mix(mix), strict=True):
            level = taps @ part.weight.detach().double().flatten(1)  # [9, D, D]
            # [D, 9D]: one product with the kernels gives all taps of a kernel in one row
            self.register_buffer(f"weight_{name}", level.transpose(0, 1).flatten(1).float())
        bias = (taps @ bias_of(mix).double()).T.clone()  # [D, 9]
        bias[:, CENTRE] += bias_of(conv).double()
        self.register_buffer("bias", bias.float())

    def forward(self, kernels: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        return (
            tap_major(kernels @ self.weight_p3),
            tap_major(kernels @ self.weight_p4),
            tap_major(kernels @ self.weight_p5),
            tap_major(kernels @ self.bias),
        )


def tap_major(rows: Tensor) -> Tensor:
    """[1, n, 9·C], taps within a kernel's row -> [1, 9·n, C], kernels within a tap."""
    b, n, _ = rows.shape
    return rows.reshape(b, n, TAPS, -1).transpose(1, 2).flatten(1, 2)


class PyramidReuse(nn.Module):
    """Levels and what PyramidFold gives -> mask logits [1, n, H/8, W/8]."""

    def forward(
        self, levels: Levels, weight_p3: Tensor, weight_p4: Tensor, weight_p5: Tensor, bias: Tensor
    ) -> Tensor:
        taps = apply_kernels(weight_p3, levels.p3)  # [1, 9n, h, w]
        p4 = apply_kernels(weight_p4, levels.p4)
        # Enlarging keeps constants, so the bias is added where there are the fewest pixels.
        p5 = apply_kernels(weight_p5, levels.p5) + bias.unsqueeze(3)
        size = taps.shape[2:]
        for level in (p4, p5):
            taps = taps + F.interpolate(level, size, mode="bilinear", align_corners=False)
        return shift_and_add(taps)


def shift_and_add(taps: Tensor) -> Tensor:
    """Sums nine taps [1, 9n, h, w], each moved against its offset, zeros outside: [1, n, h, w]."""
    n, h, w = taps.shape[1] // TAPS, *taps.shape[2:]
    padded = F.pad(taps, (1, 1, 1, 1))
    moved = (
        padded[:, t * n : (t + 1) * n, t // 3 : t // 3 + h, t % 3 : t % 3 + w] for t in range(TAPS)
    )
    return functools.reduce(torch.add, moved)


class PointwiseFold(nn.Module):
    """Kernels [1, n, D] through two linear 1×1: weight [1, n, D] and bias [1, n, 1]."""

    weight: Tensor
    bias: Tensor

    def __init__(self, first: nn.Conv2d, second: nn.Conv2d) -> None:
        super().__init__()
        self.outputs = (
            FoldedTensor("folded_weight", 1, first.in_channels, "kernels on the last ReLU's map"),
            FoldedTensor("folded_bias", 1, 1, "kernels on the biases behind the last ReLU"),
        )
        outer = second.weight.detach().double().flatten(1)  # [D, D]
        inner = first.weight.detach().double().flatten(1)
        bias = outer @ bias_of(first).double() + bias_of(second).double()
        self.register_buffer("weight", (outer @ inner).float())
        self.register_buffer("bias", bias[:, None].float())

    def forward(self, kernels: Tensor) -> tuple[Tensor, Tensor]:
        return kernels @ self.weight, kernels @ self.bias


class PointwiseReuse(nn.Module):
    """Levels and what PointwiseFold gives -> mask logits [1, n, H/8, W/8]."""

    def __init__(self, fuse: nn.Module, convs: nn.Sequential) -> None:
        super().__init__()
        self.fuse = fuse
        self.convs = convs

    def forward(self, levels: Levels, weight: Tensor, bias: Tensor) -> Tensor:
        x: Tensor = self.convs(self.fuse(levels))
        return apply_kernels(weight, x) + bias.unsqueeze(3)


def bias_of(conv: nn.Conv2d) -> Tensor:
    if conv.bias is None:
        return torch.zeros(conv.out_channels)
    return conv.bias.detach()


def fold_of(decoder: MaskDecoder) -> PyramidFold | PointwiseFold:
    """The fold for that mask decoder, with its original ConcatFusion."""
    project = decoder.project
    if isinstance(project, nn.Conv2d):
        assert isinstance(decoder.fuse, ConcatFusion)
        return PyramidFold(decoder.fuse.mix, project)
    assert isinstance(project, nn.Sequential)
    first, second = project[-2], project[-1]
    assert isinstance(first, nn.Conv2d)
    assert isinstance(second, nn.Conv2d)
    return PointwiseFold(first, second)


def reuse_of(decoder: MaskDecoder) -> PyramidReuse | PointwiseReuse:
    """What runs every frame behind that mask decoder's pyramid."""
    if isinstance(decoder.project, nn.Conv2d):
        return PyramidReuse()
    assert isinstance(decoder.project, nn.Sequential)
    return PointwiseReuse(decoder.fuse, nn.Sequential(*list(decoder.project)[:-2]))

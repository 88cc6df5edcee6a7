"""The three pyramids against the sums written out."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.peers.fpn import fcos_fpn, solov2_fpn, yolact_fpn

CHANNELS = (6, 10, 14, 18)
DIM = 8


def maps(count: int) -> list[Tensor]:
    """The last `count` of four maps of an image of 96×160: the coarsest is 3×5."""
    torch.manual_seed(0)
    sides = [(96 // s, 160 // s) for s in (4, 8, 16, 32)]
    pairs = list(zip(CHANNELS, sides, strict=True))[-count:]
    return [torch.randn(1, c, *hw) for c, hw in pairs]


def merged(fpn: nn.Module, xs: list[Tensor], mode: str) -> list[Tensor]:
    """Laterals and the top-down pass, each map by the sizes of the finer one."""
    laterals = [conv(x) for conv, x in zip(fpn.laterals, xs, strict=True)]
    total = laterals[-1]
    result = [total]
    for finer in reversed(laterals[:-1]):
        corners = {} if mode == "nearest" else {"align_corners": False}
        total = finer + F.interpolate(total, finer.shape[2:], mode=mode, **corners)
        result.insert(0, total)
    return result


def shapes(xs: tuple[Tensor, ...]) -> list[tuple[int, ...]]:
    return [tuple(x.shape[2:]) for x in xs]


def test_yolact():
    fpn, xs = yolact_fpn(CHANNELS[1:], DIM), maps(3)
    with torch.inference_mode():
        ps = fpn(xs)
        outputs = [
            conv(x).relu() for conv, x in zip(fpn.outputs, merged(fpn, xs, "bilinear"), strict=True)
        ]
        p6 = F.conv2d(outputs[-1], fpn.extra.first.weight, fpn.extra.first.bias, 2, 1)
        p7 = F.conv2d(p6, fpn.extra.second.weight, fpn.extra.second.bias, 2, 1)
    assert shapes(ps) == [(12, 20), (6, 10), (3, 5), (2, 3), (1, 2)]
    for actual, expected in zip(ps, (*outputs, p6, p7), strict=True):
        torch.testing.assert_close(actual, expected)


def test_fcos():
    fpn, xs = fcos_fpn(CHANNELS[1:], DIM), maps(3)
    with torch.inference_mode():
        ps = fpn(xs)
        outputs = [conv(x) for conv, x in zip(fpn.outputs, merged(fpn, xs, "nearest"), strict=True)]
        p6 = fpn.extra.first(outputs[-1])
        p7 = fpn.extra.second(p6.relu())
    for actual, expected in zip(ps, (*outputs, p6, p7), strict=True):
        torch.testing.assert_close(actual, expected)


def test_solov2():
    fpn, xs = solov2_fpn(CHANNELS, DIM), maps(4)
    with torch.inference_mode():
        ps = fpn(xs)
        outputs = [conv(x) for conv, x in zip(fpn.outputs, merged(fpn, xs, "nearest"), strict=True)]
    assert shapes(ps) == [(24, 40), (12, 20), (6, 10), (3, 5), (2, 3)]
    for actual, expected in zip(ps, (*outputs, outputs[-1][..., ::2, ::2]), strict=True):
        torch.testing.assert_close(actual, expected)

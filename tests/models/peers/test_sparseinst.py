"""SparseInst's own parts, against a literal computation: one group, map and pixel at a time."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.errors import InputSizeError
from models.mobileinst.mask_decoder import ConcatFusion, FeaturePyramid
from models.peers.sparseinst import InstanceBranch, SparseInst, SparseInstConfig, build_sparseinst

GROUPS, INSTANCES, DIM, CLASSES, KERNEL = 4, 3, 16, 5, 6
SIZES = {3: (8, 12), 4: (4, 6), 5: (2, 3)}  # of the levels


@pytest.fixture(scope="module")
def branch() -> InstanceBranch:
    torch.manual_seed(0)
    module = InstanceBranch(DIM, GROUPS, INSTANCES, KERNEL, CLASSES)
    for bias in (p for name, p in module.named_parameters() if name.endswith("bias")):
        nn.init.normal_(bias)
    return module.double()


def literal_features(branch: InstanceBranch, x: Tensor, group: int, instance: int) -> Tensor:
    """z of one map: the features' mean under its sigmoid."""
    width, row = DIM // GROUPS, group * INSTANCES + instance
    part = x[:, group * width : (group + 1) * width]
    weight, bias = branch.activate.weight[row : row + 1], branch.activate.bias[row : row + 1]
    activation = F.conv2d(part, weight, bias, padding=1)[0, 0]
    total, share = torch.zeros(DIM, dtype=x.dtype), 0.0
    for place in range(activation.numel()):
        y, column = divmod(place, activation.shape[1])
        amount = 1 / (1 + math.exp(-float(activation[y, column])))
        total, share = total + amount * x[0, :, y, column], share + amount
    return total / share


def test_group_activation_maps(branch: InstanceBranch):
    x = torch.randn(1, DIM + 2, 5, 7, dtype=torch.float64)
    with torch.inference_mode():
        class_logits, objectness, kernels = branch(x)
        features = branch.convs(x)
        for i in range(INSTANCES):
            parts = [literal_features(branch, features, g, i) for g in range(GROUPS)]
            z = branch.mix(torch.cat(parts))
            for got, head in (
                (class_logits, branch.classify),
                (objectness, branch.score),
                (kernels, branch.kernel),
            ):
                torch.testing.assert_close(got[0, i], head(z))


def test_a_map_that_is_zero_everywhere_gathers_nothing(branch: InstanceBranch):
    """As far as float64 can tell: σ(-1000) is 0, and its sum is not divided by."""
    silent = InstanceBranch(DIM, GROUPS, INSTANCES, KERNEL, CLASSES).double()
    nn.init.constant_(silent.activate.bias, -1e5)
    with torch.inference_mode():
        class_logits, _, _ = silent(torch.randn(1, DIM + 2, 5, 7, dtype=torch.float64))
        nothing = silent.classify(silent.mix(torch.zeros(GROUPS * DIM, dtype=torch.float64)))
    torch.testing.assert_close(class_logits[0], nothing.expand(INSTANCES, -1))


def literal_pooling(pyramid: FeaturePyramid, x: Tensor) -> Tensor:
    """The pyramid pooling with windows by PyTorch's own rule."""
    pooling, parts = pyramid.pooling, []
    for n, reduce in zip((1, 2, 3, 6), pooling.reduce, strict=True):
        small = reduce(F.adaptive_avg_pool2d(x, n)).relu()
        parts.append(F.interpolate(small, x.shape[2:], mode="bilinear", align_corners=False))
    return pooling.bottleneck(torch.cat([*parts, x], dim=1)).relu()


def test_the_encoder():
    torch.manual_seed(0)
    channels = (4, 8, 12)
    pyramid, fuse = FeaturePyramid(channels, DIM, pooling=True).double(), ConcatFusion(DIM).double()
    c3, c4, c5 = (
        torch.randn(1, width, *size, dtype=torch.float64)
        for width, size in zip(channels, SIZES.values(), strict=True)
    )
    with torch.inference_mode():
        l3, l4, l5 = pyramid.laterals
        p5 = literal_pooling(pyramid, l5(c5))
        p4 = l4(c4) + p5.repeat_interleave(2, 2).repeat_interleave(2, 3)
        p3 = l3(c3) + p4.repeat_interleave(2, 2).repeat_interleave(2, 3)
        maps = [conv(p) for conv, p in zip(pyramid.outputs, (p3, p4, p5), strict=True)]
        up = [F.interpolate(m, SIZES[3], mode="bilinear", align_corners=False) for m in maps]
        expected = fuse.mix(torch.cat(up, dim=1))
        torch.testing.assert_close(fuse(pyramid((c3, c4, c5))), expected)


@pytest.fixture(scope="module")
def network() -> SparseInst:
    torch.manual_seed(0)
    return build_sparseinst(SparseInstConfig("topformer-tiny", 7, num_instances=9)).eval().double()


def test_branches_see_where_pixels_are(network: SparseInst):
    """x and y from -1 to 1 are the last channels of both branches' input."""
    seen = []
    hook = network.mask_branch.register_forward_hook(lambda _m, given, _out: seen.append(given[0]))
    with torch.inference_mode():
        network(torch.randn(2, 3, 64, 96, dtype=torch.float64))
    hook.remove()
    (x,) = seen
    assert x.shape == (2, 258, 8, 12)
    torch.testing.assert_close(x[:, 256, 3], torch.linspace(-1, 1, 12).double().expand(2, 12))
    torch.testing.assert_close(x[:, 257, :, 5], torch.linspace(-1, 1, 8).double().expand(2, 8))


def test_masks_are_kernels_times_features_at_twice_the_size(network: SparseInst):
    kept = []
    hook = network.mask_branch.register_forward_hook(lambda _m, _given, out: kept.append(out))
    with torch.inference_mode():
        prediction = network(torch.randn(1, 3, 64, 96, dtype=torch.float64))
    hook.remove()
    assert prediction.class_logits.shape == (1, 9, 7)
    for kernel, mask in zip(prediction.kernels[0], prediction.mask_logits[0], strict=True):
        small = F.conv2d(kept[0], kernel[None, :, None, None])
        wanted = F.interpolate(small, (16, 24), mode="bilinear", align_corners=False)
        torch.testing.assert_close(mask, wanted[0, 0])


def test_a_size_that_does_not_divide_is_refused(network: SparseInst):
    with pytest.raises(InputSizeError, match="70x96"):
        network(torch.zeros(1, 3, 70, 96))

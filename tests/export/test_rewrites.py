"""Every rewrite gives what the reference gives: on real frames, with calibrated weights.

In float64 too, where an approximation could not hide behind rounding.
"""

import copy
from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from export.rewrites.baked_preprocessing import BakedPreprocessing
from export.rewrites.batch_norm import fold_batch_norm
from export.rewrites.commuted_fusion import commute_fusion
from export.rewrites.fixed_pooling import FixedAvgPool, fix_pooling
from export.rewrites.folded_kernels import fold_of, reuse_of
from models.frames import Frame, at_size
from models.layers import AdaptiveAvgPool, ConvBN
from models.mobileinst.mask_decoder import ConcatFusion
from models.mobileinst.network import MobileInst
from models.preprocessing import Preprocessing, place, preprocess
from models.zoo import MobileInstConfig
from tests.export.agreement import FLOAT32, FLOAT64, relative
from tests.export.networks import (
    BASE,
    FPN,
    SEA,
    SPARSEINST,
    SPARSEINST_4,
    TINY,
    Size,
    calibrated,
    images,
    pictures,
    predicted,
)

SMALL = {
    "topformer-t, windows that divide": (TINY, (128, 192)),
    "topformer-t, windows that do not": (TINY, (96, 160)),
    "seaformer-t": (SEA, (96, 160)),
    "fpn": (FPN, (96, 160)),
    "sparseinst": (SPARSEINST, (96, 160)),
    "sparseinst, 4 convolutions": (SPARSEINST_4, (64, 96)),
}
CASES = {"topformer-b at the paper's size": (BASE, (320, 640)), **SMALL}

REWRITES = {
    fold_batch_norm: (ConvBN, nn.BatchNorm2d),
    fix_pooling: (AdaptiveAvgPool,),
    commute_fusion: (ConcatFusion,),
}


def all_three(network: MobileInst) -> MobileInst:
    return commute_fusion(fix_pooling(fold_batch_norm(network)))


def run(network: MobileInst, batch: Tensor) -> dict[str, Tensor]:
    with torch.inference_mode():
        return network(batch)._asdict()


def double(network: MobileInst) -> MobileInst:
    return copy.deepcopy(network).double()


@pytest.mark.parametrize("rewrite", [*REWRITES, all_three], ids=lambda rewrite: rewrite.__name__)
@pytest.mark.parametrize(("config", "size"), CASES.values(), ids=CASES)
def test_rewrite_is_equal(config: MobileInstConfig, size: Size, rewrite: Callable):
    rewritten = run(rewrite(calibrated(config, size)), images(size))
    for name, wanted in predicted(config, size)._asdict().items():
        assert relative(rewritten[name], wanted) <= FLOAT32, name


@pytest.mark.parametrize("rewrite", [*REWRITES, all_three], ids=lambda rewrite: rewrite.__name__)
@pytest.mark.parametrize(("config", "size"), SMALL.values(), ids=SMALL)
def test_rewrite_is_exact(config: MobileInstConfig, size: Size, rewrite: Callable):
    network, batch = double(calibrated(config, size)), images(size)[1:3].double()
    rewritten = run(rewrite(network), batch)
    for name, wanted in run(network, batch).items():
        assert relative(rewritten[name], wanted) <= FLOAT64, name


@pytest.mark.parametrize("rewrite", REWRITES, ids=lambda rewrite: rewrite.__name__)
def test_rewrite_leaves_its_argument(rewrite: Callable):
    network = copy.deepcopy(calibrated(SPARSEINST, (96, 160)))
    state = {key: value.clone() for key, value in network.state_dict().items()}
    kinds = [type(module) for module in network.modules()]
    rewritten = rewrite(network)
    for parameter in rewritten.parameters():
        parameter.data.fill_(7)  # what is shared with the argument would show
    assert [type(module) for module in network.modules()] == kinds
    assert all(torch.equal(state[key], value) for key, value in network.state_dict().items())
    kept = [type(m).__name__ for m in rewritten.modules() if isinstance(m, REWRITES[rewrite])]
    assert kept == []


@pytest.mark.parametrize("size", [(3, 5), (6, 10), (24, 40), (1, 1), (7, 2)])
@pytest.mark.parametrize("windows", [(1, 1), (2, 3), (3, 3), (6, 6), (3, 5)])
def test_fixed_windows_are_the_adaptive_ones(size: Size, windows: Size):
    x = torch.rand(2, 3, *size, dtype=torch.float64)
    pooled = FixedAvgPool()(x, *windows)
    assert relative(pooled, F.adaptive_avg_pool2d(x, windows)) <= FLOAT64


def folded_masks(network: MobileInst, image: Tensor, kernels: Tensor) -> Tensor:
    decoder = network.mask_decoder
    with torch.inference_mode():
        levels = decoder.pyramid(network.backbone(image))
        folded = fold_of(decoder).to(kernels.dtype)(kernels)
        return reuse_of(decoder)(levels, *folded)


def reference_masks(network: MobileInst, image: Tensor, kernels: Tensor) -> Tensor:
    with torch.inference_mode():
        return network.reuse(image, kernels)


def border(masks: Tensor) -> Tensor:
    """The outermost rows and columns, where the taps of the 3×3 look outside."""
    edges = (masks[..., 0, :], masks[..., -1, :], masks[..., :, 0], masks[..., :, -1])
    return torch.cat([edge.flatten() for edge in edges])


@pytest.mark.parametrize("n", [1, 10, 32, 100])
@pytest.mark.parametrize(("config", "size"), CASES.values(), ids=CASES)
def test_folded_kernels_are_equal(config: MobileInstConfig, size: Size, n: int):
    """Each frame under the kernels of the frame before it, as in use."""
    network, kernels = calibrated(config, size), predicted(config, size).kernels[:, :n]
    for index in (1, 2, 4):
        inputs = images(size)[index : index + 1], kernels[index - 1 : index]
        got, wanted = folded_masks(network, *inputs), reference_masks(network, *inputs)
        assert relative(got, wanted) <= FLOAT32
        assert relative(border(got), border(wanted)) <= FLOAT32


def with_short_weights(network: MobileInst) -> MobileInst:
    """In float64, the decoder's end with weights whose products float32 holds without rounding."""
    result = double(network)
    decoder, generator = result.mask_decoder, torch.Generator().manual_seed(0)
    for parameter in (*decoder.fuse.parameters(), *decoder.project.parameters()):
        numbers = torch.randint(-8, 9, parameter.shape, generator=generator)
        parameter.data = numbers.double() / 64
    return result


@pytest.mark.parametrize(("config", "size"), SMALL.values(), ids=SMALL)
def test_folded_kernels_are_exact(config: MobileInstConfig, size: Size):
    """The fold keeps its weights in float32: only such weights show that nothing else is lost."""
    network, image = with_short_weights(calibrated(config, size)), images(size)[1:2].double()
    kernels = run(network, image)["kernels"][:, :10]
    got, wanted = (f(network, image, kernels) for f in (folded_masks, reference_masks))
    assert relative(got, wanted) <= FLOAT64
    assert relative(border(got), border(wanted)) <= FLOAT64


@pytest.mark.parametrize("config", [TINY, SPARSEINST], ids=["pyramid", "pointwise"])
def test_kernels_of_zeros_give_zeros(config: MobileInstConfig):
    """The padding rule relies on it."""
    network, image = calibrated(config, (96, 160)), images((96, 160))[:1]
    kernels = predicted(config, (96, 160)).kernels[:1, :4].clone()
    kernels[:, 2:] = 0
    masks = folded_masks(network, image, kernels)
    assert not masks[:, 2:].any()
    assert masks[:, :2].abs().amin((2, 3)).gt(0).all()


@pytest.mark.parametrize("place", range(4))
def test_the_tolerance_tells_a_wrong_fold(place: int):
    """One row of each folded tensor in the place of the next: a tap or a kernel off by one."""
    network, image = calibrated(TINY, (96, 160)), images((96, 160))[:1]
    kernels = predicted(TINY, (96, 160)).kernels[:1, :10]
    decoder = network.mask_decoder
    with torch.inference_mode():
        folded = list(fold_of(decoder)(kernels))
        folded[place] = folded[place].roll(1, 1)
        got = reuse_of(decoder)(decoder.pyramid(network.backbone(image)), *folded)
    assert relative(got, reference_masks(network, image, kernels)) > 100 * FLOAT32


LETTERBOX, STRETCH = Preprocessing(96, 160), Preprocessing(96, 160, resize="stretch")
BAKED = {
    "same size": (LETTERBOX, (96, 160)),
    "twice the size": (LETTERBOX, (192, 320)),
    "a video": (LETTERBOX, (272, 640)),
    "smaller": (LETTERBOX, (41, 60)),
    "portrait": (LETTERBOX, (320, 180)),
    "stretch": (STRETCH, (320, 180)),
    "stretch of the same size": (STRETCH, (96, 160)),
    "one row": (LETTERBOX, (1, 300)),
    "one pixel": (LETTERBOX, (1, 1)),
}


@pytest.mark.parametrize(("rule", "source"), BAKED.values(), ids=BAKED)
def test_baked_preprocessing_is_equal(rule: Preprocessing, source: Size):
    placed = place(*source, rule)
    for original in pictures()[1:3]:
        picture = at_size(Frame(0, original), *source).picture
        got = BakedPreprocessing(rule)(torch.from_numpy(picture)[None])
        assert relative(got, torch.from_numpy(preprocess(picture, rule))) <= FLOAT32
        assert not got[:, :, placed.height :].any()
        assert not got[:, :, :, placed.width :].any()


def test_baked_preprocessing_of_noise_is_equal():
    """Noise is the hardest picture: a shift by a hundredth of a pixel would show."""
    picture = np.random.default_rng(0).integers(0, 256, (500, 700, 3), dtype=np.uint8)
    got = BakedPreprocessing(LETTERBOX)(torch.from_numpy(picture)[None])
    assert relative(got, torch.from_numpy(preprocess(picture, LETTERBOX))) <= FLOAT32

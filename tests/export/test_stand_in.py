"""Weights that tell right from wrong: calibrated, with biases, from a seed."""

import copy

import torch
from torch import nn

from export.stand_in import stand_in
from models import zoo
from tests.export.networks import SPARSEINST, TINY, calibrated, images

SIZE = (96, 160)


def test_the_argument_stays():
    network = zoo.build(TINY)
    before = copy.deepcopy(network.state_dict())
    stand_in(network, images(SIZE), seed=0)
    assert all(torch.equal(before[key], value) for key, value in network.state_dict().items())
    assert not network.training


def test_the_same_seed_gives_the_same_weights():
    torch.manual_seed(1)
    again = stand_in(zoo.build(TINY), images(SIZE), seed=0).state_dict()
    first = calibrated(TINY, SIZE).state_dict()
    assert all(torch.equal(first[key], value) for key, value in again.items())


def test_every_bias_is_drawn():
    network = calibrated(SPARSEINST, SIZE)
    for name, parameter in network.named_parameters():
        if name.endswith(".bias") and parameter.numel() > 1:
            assert parameter.std() > 0.01, name


def normalised(module: nn.BatchNorm2d, y: torch.Tensor) -> torch.Tensor:
    """What the batch norm gave, before its weight and bias."""
    return (y - module.bias[:, None, None]) / module.weight[:, None, None]


def test_batch_norms_give_mean_0_and_variance_1():
    """Nearly: a variance over few pixels differs from one over all but one of them."""
    backbone, seen = copy.deepcopy(calibrated(TINY, SIZE)).backbone, []
    for module in backbone.pyramid.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.register_forward_hook(lambda m, _inputs, y: seen.append(normalised(m, y)))
    with torch.inference_mode():
        backbone(images(SIZE))
    assert len(seen) > 20
    assert max(y.mean((0, 2, 3)).abs().max() for y in seen) < 0.1
    assert max((y.std((0, 2, 3)) - 1).abs().max() for y in seen) < 0.1


def test_mask_features_have_mean_0_and_variance_1():
    for config in (TINY, SPARSEINST):
        network = calibrated(config, SIZE)
        with torch.inference_mode():
            features = network.mask_decoder(network.backbone(images(SIZE)))
        std, mean = torch.std_mean(features, dim=(0, 2, 3))
        assert mean.abs().max() < 1e-3
        assert (std - 1).abs().max() < 1e-3


def test_masks_are_neither_empty_nor_full():
    with torch.inference_mode():
        masks = calibrated(TINY, SIZE)(images(SIZE)).mask_logits > 0
    shares = masks.float().mean((2, 3))
    assert 0.1 < shares.median() < 0.9

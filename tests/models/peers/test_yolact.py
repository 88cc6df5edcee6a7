"""YOLACT's priors, order of anchors and masks against the literal ones."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from models.backbones.pyramid import PyramidBackbone
from models.peers.fpn import yolact_fpn
from models.peers.yolact import PredictionHead, Protonet, Yolact, YolactConfig, build_yolact
from models.peers.yolact_priors import priors

DIM = 8


def slow_priors(height: int, width: int) -> list[list[float]]:
    boxes = []
    for stride, side in ((8, 24), (16, 48), (32, 96), (64, 192), (128, 384)):
        rows, columns = math.ceil(height / stride), math.ceil(width / stride)
        for row in range(rows):
            for column in range(columns):
                for ratio in (1, 1 / 2, 2):
                    centre = ((column + 0.5) / columns * width, (row + 0.5) / rows * height)
                    boxes.append([*centre, side * ratio**0.5, side / ratio**0.5])
    return boxes


@pytest.mark.parametrize("size", [(320, 640), (96, 160), (550, 550)])
def test_priors_are_the_literal_ones(size: tuple[int, int]):
    boxes = priors(*size)
    assert boxes.dtype == np.float32
    np.testing.assert_allclose(boxes, slow_priors(*size), rtol=1e-6)


def test_priors_keep_area_and_ratio():
    boxes = priors(64, 64)[:3]
    np.testing.assert_allclose(boxes[:, 2] * boxes[:, 3], 24**2, rtol=1e-6)
    np.testing.assert_allclose(boxes[:, 2] / boxes[:, 3], (1, 0.5, 2), rtol=1e-6)


class Maps(PyramidBackbone):
    """Three maps that are pooled from the image."""

    strides = (8, 16, 32)
    channels = (3, 3, 3)

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        return tuple(F.avg_pool2d(image, stride) for stride in self.strides)


def small() -> Yolact:
    torch.manual_seed(0)
    head, protonet = PredictionHead(DIM, 5, 4), Protonet(DIM, 4)
    return Yolact(Maps(), yolact_fpn((3, 3, 3), DIM), protonet, head).eval()


def test_rows_are_in_the_order_of_the_priors():
    """One pixel of one level's map, one ratio: the row of its prior holds its channels."""
    network, image = small(), torch.rand(1, 3, 64, 96)
    with torch.inference_mode():
        outputs = network(image)
        levels = network.fpn(network.backbone(image))
        row = 0
        for level in levels:
            shared = network.head.shared(level)
            classes, boxes, coefficients = (branch(shared)[0] for branch in network.head.branches)
            for y in range(level.shape[2]):
                for x in range(level.shape[3]):
                    for ratio in range(3):
                        expected = classes[6 * ratio : 6 * ratio + 6, y, x]
                        assert torch.equal(outputs.class_logits[0, row], expected)
                        expected = boxes[4 * ratio : 4 * ratio + 4, y, x]
                        assert torch.equal(outputs.boxes[0, row], expected)
                        expected = coefficients[4 * ratio : 4 * ratio + 4, y, x].tanh()
                        torch.testing.assert_close(outputs.coefficients[0, row], expected)
                        row += 1
    assert row == outputs.boxes.shape[1] == len(priors(64, 96))


def test_protonet_is_four_3x3_and_a_1x1():
    torch.manual_seed(0)
    protonet, p3 = Protonet(DIM, 4), torch.randn(1, DIM, 5, 7)
    convs = [module for module in protonet.modules() if isinstance(module, torch.nn.Conv2d)]
    with torch.inference_mode():
        y = p3
        for conv in convs[:3]:
            y = F.conv2d(y, conv.weight, conv.bias, padding=1).clamp(min=0)
        y = F.interpolate(y, (10, 14), mode="bilinear", align_corners=False).clamp(min=0)
        y = F.conv2d(y, convs[3].weight, convs[3].bias, padding=1).clamp(min=0)
        y = F.conv2d(y, convs[4].weight, convs[4].bias).clamp(min=0)
        torch.testing.assert_close(protonet(p3), y)


@pytest.mark.parametrize("backbone", ["resnet50", "mobilenet-v2", "topformer-base"])
def test_outputs_fit_the_priors(backbone: str):
    network = build_yolact(YolactConfig(backbone)).eval()
    with torch.inference_mode():
        outputs = network(torch.rand(1, 3, 64, 96))
    anchors = len(priors(64, 96))
    assert [tuple(x.shape) for x in outputs] == [
        (1, anchors, 81),
        (1, anchors, 4),
        (1, anchors, 32),
        (1, 32, 16, 24),
    ]
    assert all(torch.isfinite(x).all() for x in outputs)

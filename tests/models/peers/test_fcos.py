"""FCOS's places against a loop, and its head against the same computation level by level."""

import pytest
import torch
from torch import Tensor

from models.peers.fcos import FcosHead
from models.peers.fcos_locations import SIZES, STRIDES, locations

DIM, CLASSES = 32, 5


@pytest.mark.parametrize("size", [(64, 96), (320, 640), (96, 160)])
def test_places_are_the_papers(size: tuple[int, int]):
    found = locations(*size)
    expected = []
    for stride, largest in zip(STRIDES, SIZES, strict=True):
        for y in range(-(-size[0] // stride)):
            for x in range(-(-size[1] // stride)):
                expected.append((stride // 2 + x * stride, stride // 2 + y * stride, largest))
    assert [(*point, largest) for point, largest in zip(*found, strict=True)] == expected


def levels() -> tuple[Tensor, ...]:
    """Of a 96×160 image."""
    generator = torch.Generator().manual_seed(0)
    sides = [(-(-96 // stride), -(-160 // stride)) for stride in STRIDES]
    return tuple(torch.randn(2, DIM, *hw, generator=generator) for hw in sides)


def test_the_head_goes_place_by_place():
    head = FcosHead(DIM, CLASSES).eval()
    head.scales.data = torch.tensor([0.5, 1.0, 1.5, 2.0, 3.0])
    with torch.inference_mode():
        found, boxed = head(levels())
        rows = 0
        for x, own, stride, scale in zip(levels(), boxed, STRIDES, head.scales, strict=True):
            logits, tower = head.classify(head.class_tower(x)), head.box_tower(x)
            torch.testing.assert_close(own, tower)
            distances = torch.clamp(scale * head.regress(tower), min=0) * stride
            for y in range(x.shape[2]):
                for column in range(x.shape[3]):
                    here = (slice(None), slice(None), y, column)
                    torch.testing.assert_close(found.class_logits[:, rows], logits[here])
                    torch.testing.assert_close(found.boxes[:, rows], distances[here])
                    torch.testing.assert_close(found.centerness[:, rows], head.centre(tower)[here])
                    rows += 1
    assert rows == found.boxes.shape[1] == len(locations(96, 160).points)


def test_group_norm_sees_one_level_at_a_time():
    """All levels share weights, not statistics: a level's rows don't depend on the others."""
    head = FcosHead(DIM, CLASSES).eval()
    first, *others = levels()
    with torch.inference_mode():
        found, _ = head((first, *others))
        changed, _ = head((first, *(10 * x + 1 for x in others)))
    count = first.shape[2] * first.shape[3]
    torch.testing.assert_close(found.class_logits[:, :count], changed.class_logits[:, :count])
    assert not torch.allclose(found.class_logits[:, count:], changed.class_logits[:, count:])

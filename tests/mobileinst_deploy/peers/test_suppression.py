import math

import numpy as np
import pytest

from mobileinst_deploy.peers.suppression import class_nms, fast_nms, mask_overlaps, matrix_nms
from tests.mobileinst_deploy.peers import literal
from tests.mobileinst_deploy.peers.drawn import draw_boxes, draw_masks

KERNELS = {
    "gaussian": lambda iou: math.exp(-2.0 * iou**2),
    "linear": lambda iou: 1 - iou,
}


@pytest.mark.parametrize("count", [0, 1, 40])
@pytest.mark.parametrize("threshold", [0.2, 0.6])
def test_class_nms_is_the_loop(count, threshold):
    boxes = draw_boxes(count, seed=count)
    classes = np.random.default_rng(2).integers(3, size=count)
    kept = class_nms(boxes, classes, threshold)
    assert kept.tolist() == literal.greedy(boxes.tolist(), classes.tolist(), threshold)


def test_class_nms_leaves_other_classes_alone():
    boxes = np.repeat(draw_boxes(1, seed=0), 3, axis=0)
    assert class_nms(boxes, np.array([1, 1, 0]), 0.5).tolist() == [0, 2]


@pytest.mark.parametrize("threshold", [0.2, 0.6])
def test_fast_nms_is_the_loop_in_every_class(threshold):
    boxes = np.stack([draw_boxes(25, seed) for seed in range(4)])
    stays = fast_nms(boxes, threshold)
    assert stays.tolist() == [literal.fast(own.tolist(), threshold) for own in boxes]


def test_in_fast_nms_what_is_gone_still_suppresses():
    chain = np.float32([[0, 0, 10, 10], [4, 0, 14, 10], [8, 0, 18, 10]])
    assert fast_nms(chain[None], 0.4).tolist() == [[True, False, False]]
    assert class_nms(chain, np.zeros(3, int), 0.4).tolist() == [0, 2]


@pytest.mark.parametrize("kernel", KERNELS)
def test_matrix_nms_is_the_formula(kernel):
    masks = draw_masks(20, seed=3)
    generator = np.random.default_rng(4)
    classes = generator.integers(2, size=20)
    scores = np.sort(generator.uniform(size=20))[::-1].astype("f4")
    wanted = literal.matrix([*masks], classes.tolist(), scores.tolist(), KERNELS[kernel])
    np.testing.assert_allclose(matrix_nms(masks, classes, scores, kernel), wanted, rtol=1e-4)
    assert min(np.divide(wanted, scores)) < 0.7  # some were lowered


@pytest.mark.parametrize("count", [0, 1])
def test_matrix_nms_of_few(count):
    scores = np.ones(count, "f4")
    lowered = matrix_nms(np.ones((count, 3, 3), bool), np.zeros(count, int), scores)
    np.testing.assert_array_equal(lowered, scores)


def test_mask_overlaps_are_those_of_single_masks():
    masks = draw_masks(6, seed=5)
    wanted = [[literal.mask_iou(a, b) for b in masks] for a in masks]
    np.testing.assert_allclose(mask_overlaps(masks), wanted, rtol=1e-6)

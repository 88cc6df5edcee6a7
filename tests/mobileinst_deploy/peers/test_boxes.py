import numpy as np
import pytest

from mobileinst_deploy.peers.boxes import from_distances, from_offsets, overlaps
from tests.mobileinst_deploy.peers import literal
from tests.mobileinst_deploy.peers.drawn import draw_boxes

PAIRS = [
    ((0, 0, 4, 4), (0, 0, 4, 4), 1),
    ((0, 0, 4, 4), (4, 0, 8, 4), 0),  # side by side
    ((0, 0, 4, 4), (2, 0, 6, 4), 1 / 3),
    ((0, 0, 4, 4), (1, 1, 3, 3), 1 / 4),
    ((1, 1, 1, 5), (1, 1, 1, 5), 0),  # no area
    ((3, 3, 1, 1), (0, 0, 4, 4), 0),  # inside out
]


@pytest.mark.parametrize(("first", "second", "iou"), PAIRS)
def test_overlap_of_a_pair(first, second, iou):
    found = overlaps(np.float32([first]), np.float32([second]))
    np.testing.assert_allclose(found, [[iou]], rtol=1e-6)


def test_overlaps_are_those_of_single_boxes():
    first, second = draw_boxes(7, seed=0), draw_boxes(5, seed=1)
    wanted = [[literal.iou(a, b) for b in second] for a in first]
    np.testing.assert_allclose(overlaps(first, second), wanted, rtol=1e-5, atol=1e-7)


def test_distances_go_from_a_point_to_the_four_sides():
    boxes = from_distances(np.float32([[10, 20]]), np.float32([[1, 2, 3, 4]]))
    np.testing.assert_array_equal(boxes, [[9, 18, 13, 24]])


def test_offsets_move_and_scale_an_anchor():
    anchors = np.float32([[50, 40, 20, 10], [50, 40, 20, 10]])
    offsets = np.float32([[0, 0, 0, 0], [1, -2, np.log(2) / 0.2, 0]])
    boxes = from_offsets(anchors, offsets)
    np.testing.assert_allclose(boxes, [[40, 35, 60, 45], [32, 33, 72, 43]], rtol=1e-6)

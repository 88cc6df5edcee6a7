import numpy as np

from mobileinst_deploy.peers import yolact
from models.peers.yolact_priors import priors
from tests.mobileinst_deploy.peers import literal
from tests.mobileinst_deploy.peers.drawn import draw_boxes

SIZE = (64, 96)


def test_masks_are_prototypes_mixed_and_cropped():
    generator = np.random.default_rng(0)
    prototypes = generator.normal(size=(4, 10, 12)).astype("f4")
    coefficients = generator.normal(size=(3, 4)).astype("f4")
    boxes = draw_boxes(3, seed=1, side=10)
    masks = yolact.assemble(prototypes, coefficients, boxes)
    for (n, y, x), inside in np.ndenumerate(masks):
        x0, y0, x1, y1 = boxes[n]
        cropped = x0 - 1 <= x < x1 + 1 and y0 - 1 <= y < y1 + 1
        mixed = sum(coefficients[n, k] * prototypes[k, y, x] for k in range(4))
        assert inside == (bool(cropped) and literal.sigmoid(mixed) > 0.5)


def test_suppression_is_the_loop_over_classes():
    boxes = draw_boxes(60, seed=2)
    probabilities = np.random.default_rng(3).uniform(size=(60, 5)).astype("f4")
    found = yolact.suppress(probabilities, boxes)
    wanted = []
    for name in range(5):
        order = sorted(range(60), key=lambda place: -probabilities[place, name])
        stays = literal.fast([tuple(boxes[place]) for place in order], yolact.THRESHOLD)
        wanted += [
            (float(probabilities[place, name]), name, place)
            for place, stay in zip(order, stays, strict=True)
            if stay
        ]
    rows = zip(*(column.tolist() for column in found), strict=True)
    assert [*rows] == sorted(wanted, reverse=True)[: yolact.KEPT]


def test_an_object_is_found_where_it_is():
    """One anchor is sure of class 2, and its prototype is on everywhere."""
    anchors = priors(*SIZE)
    place = 40
    class_logits = np.zeros((len(anchors), 4), "f4")
    class_logits[:, 0] = 5
    class_logits[place] = (0, 0, 0, 9)
    offsets = np.zeros((len(anchors), 4), "f4")
    coefficients = np.ones((len(anchors), 1), "f4")
    prototypes = np.ones((1, 16, 24), "f4")
    scores, classes, masks = yolact.detect(SIZE, class_logits, offsets, coefficients, prototypes)
    assert (classes[0], round(float(scores[0]), 3)) == (2, 1.0)
    ys, xs = np.nonzero(masks[0])
    x, y, width, height = anchors[place] / 4
    low = np.ceil((x - width / 2 - 1, y - height / 2 - 1))
    high = np.ceil((x + width / 2 + 1, y + height / 2 + 1)) - 1
    np.testing.assert_array_equal((xs.min(), ys.min()), np.maximum(low, 0))
    np.testing.assert_array_equal((xs.max(), ys.max()), np.minimum(high, (23, 15)))

import numpy as np

from mobileinst_deploy.peers import condinst
from models.peers.fcos_locations import locations
from tests.mobileinst_deploy.peers import literal

SIZE = (64, 96)


def test_places_are_chosen_as_the_loop_does():
    points = locations(*SIZE).points
    generator = np.random.default_rng(0)
    class_logits = generator.normal(size=(len(points), 3)).astype("f4")
    distances = generator.uniform(4, 30, (len(points), 4)).astype("f4")
    centerness = generator.normal(size=(len(points), 1)).astype("f4")
    found = condinst.choose(SIZE, class_logits, distances, centerness, 20)

    rows = sorted(
        (
            (-literal.sigmoid(logit) * literal.sigmoid(centerness[place, 0]), place, name)
            for (place, name), logit in np.ndenumerate(class_logits)
        )
    )
    boxes = []
    for _, place, _ in rows:
        (x, y), (left, top, right, bottom) = points[place], distances[place]
        boxes.append((x - left, y - top, x + right, y + bottom))
    kept = literal.greedy(boxes, [name for *_, name in rows], condinst.THRESHOLD)[:20]
    assert len(rows) <= condinst.BEFORE
    assert found.places.tolist() == [rows[row][1] for row in kept]
    assert found.classes.tolist() == [rows[row][2] for row in kept]
    np.testing.assert_allclose(found.scores, [-rows[row][0] for row in kept], rtol=1e-5)


def test_masks_of_places_that_nobody_chose_are_left_out():
    found = condinst.Candidates(np.ones(2, "f4"), np.array([3, 4]), np.array([7, 8]))
    logits = np.float32([[[-1, 1]], [[1, -1]], [[1, 1]]])
    scores, classes, masks = condinst.finish(found, logits)
    assert (scores.tolist(), classes.tolist()) == ([1, 1], [3, 4])
    assert masks.tolist() == [[[False, True]], [[True, False]]]

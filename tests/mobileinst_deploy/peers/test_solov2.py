import numpy as np

from mobileinst_deploy.peers import solov2
from mobileinst_deploy.peers.instances import Candidates
from models.peers import solov2 as network
from tests.mobileinst_deploy.peers import literal
from tests.mobileinst_deploy.peers.drawn import draw_masks


def test_the_grids_are_the_networks():
    assert solov2.GRIDS == network.GRIDS


def test_a_peak_is_the_largest_of_four():
    grid = np.random.default_rng(0).integers(5, size=(6, 7, 2)).astype("f4")
    for (y, x, c), peak in np.ndenumerate(solov2.local_peaks(grid)):
        window = grid[max(0, y - 1) : y + 1, max(0, x - 1) : x + 1, c]
        assert peak == (grid[y, x, c] == window.max())


def test_cells_beside_a_better_one_are_not_chosen():
    cells = sum(side**2 for side in solov2.GRIDS)
    logits = np.full((cells, 3), -9, "f4")
    start = 40 * 40 + 36 * 36  # of the third grid
    logits[start + 5 * 24 + 5, 1] = 2
    logits[start + 5 * 24 + 6, 1] = 1  # right of it
    logits[start + 5 * 24 + 6, 2] = 0  # of another class
    found = solov2.choose(logits, 2)
    assert found.places.tolist() == [start + 5 * 24 + 5, start + 5 * 24 + 6]
    assert found.classes.tolist() == [1, 2]
    np.testing.assert_allclose(found.scores, [literal.sigmoid(2), 0.5], rtol=1e-6)
    assert solov2.strides_of(found.places).tolist() == [16, 16]
    assert solov2.strides_of(np.array([0, cells - 1])).tolist() == [8, 32]


def test_scores_are_weighed_with_the_masks_and_lowered():
    generator = np.random.default_rng(1)
    logits = np.where(draw_masks(12, seed=2), 1, -1) * generator.uniform(0.1, 3, (12, 12, 12))
    scores = np.sort(generator.uniform(size=12))[::-1].astype("f4")
    classes = generator.integers(2, size=12)
    found = Candidates(scores, classes, np.zeros(12, int))  # all of a level of stride 8
    result = solov2.finish(found, logits.astype("f4"))

    rows = []
    for score, name, own in zip(scores, classes, logits, strict=True):
        sure = [literal.sigmoid(value) for value in own.flat if value > 0]
        if len(sure) > 8:
            rows.append((float(score) * sum(sure) / len(sure), int(name), own > 0))
    rows.sort(key=lambda row: -row[0])
    given = [[*column] for column in zip(*rows, strict=True)]
    lowered = literal.matrix(given[2], given[1], given[0], lambda iou: np.exp(-2 * iou**2))
    order = sorted(range(len(rows)), key=lambda row: -lowered[row])
    np.testing.assert_allclose(result.scores, [lowered[row] for row in order], rtol=1e-4)
    assert result.classes.tolist() == [given[1][row] for row in order]
    np.testing.assert_array_equal(result.masks, [given[2][row] for row in order])
    assert 0 < len(rows) < 12  # the empty one is none

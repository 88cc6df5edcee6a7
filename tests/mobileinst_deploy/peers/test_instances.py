import numpy as np
import pytest

from mobileinst_deploy.peers.instances import best_candidates, binary, largest


@pytest.mark.parametrize("count", [1, 3, 5, 9])
def test_the_largest_come_first_and_equals_in_their_order(count):
    values = np.float32([[1, 5, 3, 5, 0], [2, 2, 2, 2, 2]])
    found = largest(values, min(count, 5))
    for row, chosen in zip(values, found, strict=True):
        assert chosen.tolist() == sorted(range(5), key=lambda i: (-row[i], i))[:count]


def test_candidates_are_the_best_pairs_of_place_and_class():
    probabilities = np.random.default_rng(0).uniform(size=(30, 4)).astype("f4")
    found = best_candidates(probabilities, 10)
    pairs = [(float(p), place, c) for (place, c), p in np.ndenumerate(probabilities)]
    wanted = sorted(pairs, reverse=True)[:10]
    assert [*zip(*(column.tolist() for column in found), strict=True)] == [
        (p, c, place) for p, place, c in wanted
    ]
    assert len(best_candidates(probabilities, 1000).scores) == 120


def test_a_mask_is_where_the_probability_is_above_one_half():
    assert binary(np.float32([-1, 0, 0.1])).tolist() == [False, False, True]

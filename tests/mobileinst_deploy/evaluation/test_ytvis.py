"""The scores are the official evaluator's, to the last bit."""

from dataclasses import astuple

import numpy as np
import pytest

from mobileinst_deploy.evaluation.ground_truth import parse_ground_truth
from mobileinst_deploy.evaluation.results import check_results
from mobileinst_deploy.evaluation.scores import Scores
from mobileinst_deploy.evaluation.ytvis import evaluate
from tests.mobileinst_deploy.evaluation import literal
from tests.mobileinst_deploy.evaluation.sets import (
    CATEGORIES,
    Set,
    add_result,
    add_truth,
    add_video,
    as_json,
    random_set,
)


def scores(made: Set) -> Scores:
    truth = parse_ground_truth(as_json(made.truth), "truth.json")
    return evaluate(truth, check_results(made.results, truth, "results.json")).scores


@pytest.mark.parametrize("seed", range(60))
def test_equals_the_algorithm_by_the_book(seed: int):
    made = random_set(seed)
    expected = literal.scores(made.true, made.found, made.videos, set(CATEGORIES))
    assert astuple(scores(made)) == expected


def test_the_sets_have_what_may_go_wrong():
    sets = [random_set(seed) for seed in range(60)]
    true = [one for made in sets for one in made.true]
    assert any(one.crowd for one in true)
    assert any(all(mask is None for mask in one.masks) for one in true)
    assert any(mask is not None and not mask.any() for one in true for mask in one.masks)
    assert any(len({one.score for one in made.found}) < len(made.found) for made in sets)
    for limits in (literal.SMALL, literal.MIDDLE, literal.BIG):
        assert any(not literal.outside(one, limits) for one in true)
    assert sum(0.1 < (scores(made).ap or 0) < 0.9 for made in sets) > 20


def one_video() -> Set:
    made = random_set(0)
    made.truth["videos"], made.truth["annotations"], made.results = [], [], []
    made.true, made.found, made.videos = [], [], set()
    add_video(made, np.random.default_rng(1), 7, 3, 8, 10)
    made.truth["annotations"], made.results, made.true, made.found = [], [], [], []
    return made


def box(left: int) -> np.ndarray:
    mask = np.zeros((8, 10), bool)
    mask[2:6, left : left + 4] = True
    return mask


def test_the_truth_itself_is_perfect():
    made = one_video()
    for left in (0, 5):
        masks = [box(left), None, box(left)]
        add_truth(made, 7, 1, masks)
        add_result(made, 7, 1, masks, 0.5)
    found = scores(made)
    assert (found.ap, found.ap50, found.ap75, found.ap_small) == pytest.approx((1, 1, 1, 1))
    assert (found.ar1, found.ar10, found.ar100) == (0.5, 1, 1)  # one of two with one guess
    assert found.ap_large is None


def test_half_an_object_counts_up_to_half():
    """In one frame of two: an IoU of .5, which is right at one threshold of ten."""
    made = one_video()
    add_truth(made, 7, 1, [box(0), box(0), None])
    add_result(made, 7, 1, [box(0), None, None], 0.5)
    found = scores(made)
    assert (found.ap, found.ap50, found.ap75) == pytest.approx((0.1, 1, 0))


def test_nothing_found_is_0():
    made = one_video()
    add_truth(made, 7, 1, [box(0)] * 3)
    assert scores(made) == Scores(0, 0, 0, 0, None, None, 0, 0, 0, 0, None, None)


def test_nothing_to_find_is_no_score():
    made = one_video()
    add_result(made, 7, 1, [box(0)] * 3, 0.5)
    assert set(astuple(scores(made))) == {None}


def test_the_area_is_the_files():
    """A track of few pixels whose file says that it is large."""
    made = one_video()
    add_truth(made, 7, 1, [box(0)] * 3)
    add_result(made, 7, 1, [box(0)] * 3, 0.5)
    made.truth["annotations"][0]["areas"] = [1e5] * 3
    assert scores(made).ap_small is None
    assert scores(made).ap_large == pytest.approx(1)

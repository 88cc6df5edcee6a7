"""Class-agnostic scores are those of files whose categories were made one by hand."""

import copy
from collections.abc import Callable

import pytest

from mobileinst_deploy.evaluation.ground_truth import parse_ground_truth
from mobileinst_deploy.evaluation.picture_results import check_picture_results
from mobileinst_deploy.evaluation.picture_truth import parse_picture_truth
from mobileinst_deploy.evaluation.report import Evaluated, Outcome
from mobileinst_deploy.evaluation.results import check_results
from mobileinst_deploy.evaluation.scoring import Scoring, picture_outcome, track_outcome
from tests.mobileinst_deploy.evaluation.picture_sets import random_pictures
from tests.mobileinst_deploy.evaluation.sets import as_json, random_set

Score = Callable[[dict, list[dict], Scoring], Outcome]


def tracks(truth: dict, results: list[dict], scoring: Scoring) -> Outcome:
    parsed = parse_ground_truth(as_json(truth), "truth.json")
    return track_outcome(Evaluated(), parsed, check_results(results, parsed, "it"), scoring)


def pictures(truth: dict, results: list[dict], scoring: Scoring) -> Outcome:
    parsed = parse_picture_truth(as_json(truth), "truth.json")
    found = check_picture_results(results, parsed, "it")
    return picture_outcome(Evaluated(), parsed, found, scoring)


def tracks_of(seed: int) -> tuple[dict, list[dict]]:
    made = random_set(seed)
    return made.truth, made.results


LAYOUTS = {"tracks": (tracks_of, tracks), "pictures": (random_pictures, pictures)}


def of_one_category(truth: dict, results: list[dict]) -> tuple[dict, list[dict]]:
    truth, results = copy.deepcopy((truth, results))
    truth["categories"] = [{"id": 1, "name": "thing"}]
    for one in (*truth["annotations"], *results):
        one["category_id"] = 1
    return truth, results


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("layout", LAYOUTS)
def test_equals_files_of_one_category(layout: str, seed: int):
    make, score = LAYOUTS[layout]
    truth, results = make(seed)
    by_hand = score(*of_one_category(truth, results), Scoring())
    assert score(truth, results, Scoring(class_agnostic=True)) == by_hand


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_sets_tell_names_from_none(layout: str):
    make, score = LAYOUTS[layout]
    aps = [
        [
            score(*make(seed), Scoring(class_agnostic=alike)).evaluation.scores.ap
            for seed in range(20)
        ]
        for alike in (False, True)
    ]
    assert sum(named != alike for named, alike in zip(*aps, strict=True)) > 10


def test_identities_without_the_names():
    pytest.importorskip("trackeval", reason="the extra hota, trackeval, is not installed")
    truth, results = tracks_of(8)
    named, alike, by_hand = (
        tracks(truth, results, Scoring(identities=True)).identities,
        tracks(truth, results, Scoring(identities=True, class_agnostic=True)).identities,
        tracks(*of_one_category(truth, results), Scoring(identities=True)).identities,
    )
    assert alike == by_hand != named

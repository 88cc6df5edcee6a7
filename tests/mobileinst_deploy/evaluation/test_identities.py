"""HOTA and IDF1 of cases that can be worked out by hand; trackeval is an extra."""

from dataclasses import astuple

import numpy as np
import pytest

from mobileinst_deploy.evaluation.ground_truth import parse_ground_truth
from mobileinst_deploy.evaluation.identities import identity_scores
from mobileinst_deploy.evaluation.results import check_results
from tests.mobileinst_deploy.evaluation.sets import (
    Set,
    add_result,
    add_truth,
    add_video,
    as_json,
    random_set,
)

FRAMES, LEVELS = 8, 19  # thresholds .05, .1, … .95


def one_video() -> Set:
    made = random_set(0)
    made.truth["videos"] = []
    made.videos = set()
    add_video(made, np.random.default_rng(1), 7, FRAMES, 12, 20)
    made.truth["annotations"], made.results, made.true, made.found = [], [], [], []
    return made


def box(left: int, width: int = 10) -> np.ndarray:
    mask = np.zeros((12, 20), bool)
    mask[2:6, left : left + width] = True
    return mask


def part(mask: np.ndarray, first: int, last: int) -> list[np.ndarray | None]:
    return [mask if first <= frame < last else None for frame in range(FRAMES)]


WHOLE = part(box(0), 0, FRAMES)
# Of one object of eight frames: what is found, then HOTA, DetA, AssA and IDF1.
CASES = {
    "itself": ([(1, WHOLE)], (1, 1, 1, 1)),
    "nothing": ([], (0, 0, 0, 0)),
    "another category": ([(2, WHOLE)], (0, 0, 0, 0)),
    "two halves": ([(1, part(box(0), 0, 4)), (1, part(box(0), 4, 8))], (0.5**0.5, 1, 0.5, 0.5)),
    "half of it": ([(1, part(box(0), 0, 4))], (0.5, 0.5, 0.5, 2 / 3)),
    "another as well": ([(1, WHOLE), (1, part(box(10), 0, 8))], (0.5**0.5, 0.5, 1, 2 / 3)),
    "half of each mask": ([(1, part(box(0, 5), 0, 8))], (10 / LEVELS, 10 / LEVELS, 10 / LEVELS, 1)),
}


@pytest.mark.parametrize("name", CASES)
def test_by_hand(name: str):
    pytest.importorskip("trackeval", reason="the extra hota, trackeval, is not installed")
    found, expected = CASES[name]
    made = one_video()
    add_truth(made, 7, 1, WHOLE)
    add_truth(made, 7, 5, part(box(10), 0, 3), crowd=True)  # a crowd is nobody
    for category, masks in found:
        add_result(made, 7, category, masks, 0.5)
    truth = parse_ground_truth(as_json(made.truth), "truth.json")
    scores = identity_scores(truth, check_results(made.results, truth, "results.json"))
    assert astuple(scores) == pytest.approx(expected, abs=1e-9)

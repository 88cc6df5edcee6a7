"""The scores of single pictures are those of pycocotools, run on the same files by itself."""

from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest

from mobileinst_deploy.evaluation.coco import evaluate_pictures
from mobileinst_deploy.evaluation.picture_results import check_picture_results
from mobileinst_deploy.evaluation.picture_truth import first_images, parse_picture_truth
from mobileinst_deploy.evaluation.scores import Evaluation
from tests.mobileinst_deploy.evaluation.picture_sets import (
    by_pycocotools,
    compressed,
    random_pictures,
)
from tests.mobileinst_deploy.evaluation.sets import as_json

SEEDS = range(20)


def evaluation(truth: dict, results: list[dict]) -> Evaluation:
    parsed = parse_picture_truth(as_json(truth), "truth.json")
    return evaluate_pictures(parsed, check_picture_results(results, parsed, "results.json"))


@pytest.mark.parametrize("seed", SEEDS)
def test_equals_pycocotools(seed: int, tmp_path: Path):
    truth, results = random_pictures(seed)
    assert astuple(evaluation(truth, results).scores) == by_pycocotools(truth, results, tmp_path)


def test_the_sets_have_what_may_go_wrong():
    sets = [random_pictures(seed) for seed in SEEDS]
    annotations = [one for truth, _ in sets for one in truth["annotations"]]
    assert any(one["iscrowd"] for one in annotations)
    assert any(isinstance(one["segmentation"], list) for one in annotations)
    assert any(image["id"] == 0 for truth, _ in sets for image in truth["images"])
    scores = [evaluation(*one).scores for one in sets]
    assert sum(0.1 < (one.ap or 0) < 0.95 for one in scores) > 10
    assert all(any(getattr(one, f"ap_{size}") for one in scores) for size in ("small", "medium"))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_ap_of_a_category_is_that_of_it_alone(seed: int, tmp_path: Path):
    truth, results = random_pictures(seed)
    for category, ap in evaluation(truth, results).category_ap.items():
        alone = {**truth, "categories": [{"id": category, "name": "x"}]}
        expected = by_pycocotools(alone, results, tmp_path)[0]
        assert ap == (None if expected is None else pytest.approx(expected))


def one_picture(*masks: np.ndarray) -> dict:
    height, width = masks[0].shape
    return {
        "images": [{"id": 5, "height": height, "width": width, "file_name": "a.jpg"}],
        "categories": [{"id": 2, "name": "cat"}],
        "annotations": [
            {"id": number, "image_id": 5, "category_id": 2, "segmentation": rle(mask)}
            for number, mask in enumerate(masks)
        ],
    }


def rle(mask: np.ndarray) -> dict:
    return {"size": list(mask.shape), "counts": compressed(mask)}


def result(mask: np.ndarray, score: float = 0.5) -> dict:
    return {"image_id": 5, "category_id": 2, "score": score, "segmentation": rle(mask)}


def box(left: int, width: int) -> np.ndarray:
    mask = np.zeros((40, 60), bool)
    mask[10:20, left : left + width] = True
    return mask


def test_the_truth_itself_is_perfect():
    masks = (box(0, 10), box(30, 20))
    found = evaluation(one_picture(*masks), [result(mask) for mask in masks]).scores
    assert (found.ap, found.ap50, found.ap_small, found.ar10) == pytest.approx((1, 1, 1, 1))
    assert (found.ar1, found.ap_large) == (0.5, None)  # one of two with one guess


@pytest.mark.parametrize(("kept", "ap"), [(10, 1.0), (9, 0.9), (7, 0.5), (5, 0.1), (4, 0.0)])
def test_a_part_of_an_object_is_right_up_to_its_share(kept: int, ap: float):
    """An IoU of kept/10, and a threshold each twentieth from .5 to .95."""
    found = evaluation(one_picture(box(0, 10)), [result(box(0, kept))]).scores
    assert found.ap == pytest.approx(ap)


def test_a_wrong_one_of_a_higher_score_halves_the_precision():
    rows = [result(box(0, 10), 0.4), result(box(40, 10), 0.9)]
    assert evaluation(one_picture(box(0, 10)), rows).scores.ap == pytest.approx(0.5)


def test_inside_a_crowd_nothing_is_wrong():
    """COCO's rule: by the share of the found mask, unlike YouTube-VIS's."""
    truth = one_picture(box(0, 10), box(30, 20))
    truth["annotations"][1]["iscrowd"] = 1
    rows = [result(box(0, 10), 0.4), result(box(32, 4), 0.9)]
    assert evaluation(truth, rows).scores.ap == pytest.approx(1)


def test_the_first_images_alone():
    truth = parse_picture_truth(as_json(random_pictures(4)[0]), "truth.json")
    part = first_images(truth, 2)
    assert [*part.images] == [0, 7]
    assert part.objects == tuple(one for one in truth.objects if one.image_id in (0, 7))
    assert first_images(truth, None) == truth

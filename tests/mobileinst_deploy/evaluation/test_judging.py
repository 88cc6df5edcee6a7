"""Which category of the ground truth a class of the network is."""

from dataclasses import replace

import pytest

from export.manifest import Bundle, CategorySpec
from mobileinst_deploy.errors import InputError
from mobileinst_deploy.evaluation.clips import truth_clips
from mobileinst_deploy.evaluation.documents import Category
from mobileinst_deploy.evaluation.judging import NOT_JUDGED, Judge, found_tracks, judged_categories
from mobileinst_deploy.tracking.frames import Instance, StepTimes, TrackedFrame, TrackSummary
from mobileinst_deploy.tracking.results import Collector
from tests.mobileinst_deploy.curve.scene import cells, make_scene, pixels
from tests.mobileinst_deploy.tracking.oracle_bundle import CLASSES, oracle_bundle


def truth(names: dict[int, str]) -> dict[int, Category]:
    return {number: Category(number, name) for number, name in names.items()}


MATCHES = {
    "by name": ({9: "class 1", 4: "class 0"}, [4, 9, *[NOT_JUDGED] * 4]),
    "by id": ({9: "a", 4: "b", 7: "c", 1: "d", 3: "e", 5: "f"}, [1, 3, 4, 5, 7, 9]),
    "two of a name": (dict.fromkeys(range(6, 0, -1), "class 0"), [1, 2, 3, 4, 5, 6]),
}


@pytest.mark.parametrize("name", MATCHES)
def test_classes_of_the_ground_truth(name: str):
    names, ids = MATCHES[name]
    found = judged_categories(oracle_bundle(), truth(names), "truth.json")
    assert [one.id for one in found] == ids


@pytest.mark.parametrize("names", [{1: "cat"}, {n: f"c{n}" for n in range(1, CLASSES + 2)}])
def test_other_classes(names: dict[int, str]):
    says = f"^truth.json has {len(names)} categories, but the bundle's network has {CLASSES}, under"
    with pytest.raises(InputError, match=says):
        judged_categories(oracle_bundle(), truth(names), "truth.json")


def trained_bundle() -> Bundle:
    """Which says what its classes are."""
    bundle = oracle_bundle()
    specs = tuple(CategorySpec(10 + n, name) for n, name in enumerate("abcdef"))
    model = replace(bundle.manifest.model, categories=specs)
    return replace(bundle, manifest=replace(bundle.manifest, model=model))


def test_a_trained_bundle_goes_by_its_own_names():
    names = {2: "f", 3: "a"}
    found = judged_categories(trained_bundle(), truth(names), "truth.json")
    assert [one.id for one in found] == [3, *[NOT_JUDGED] * 4, 2]
    others = dict(enumerate("abcdeg", start=1))
    with pytest.raises(InputError, match=r"^truth\.json .* not trained on.* knows a, b, c, d, e"):
        judged_categories(trained_bundle(), truth(others), "truth.json")


def test_tracks_of_classes_that_the_truth_lacks_are_left_out(tmp_path):
    scene = make_scene(tmp_path)
    known = scene.judge()
    judge = Judge(known.truth, (known.categories[0], known.categories[1]._replace(id=NOT_JUDGED)))
    clip, collector = truth_clips(known.truth, tmp_path)[0], Collector()
    masks = pixels(cells(1, 1)), pixels(cells(9, 9))
    for index in range(clip.length):
        instances = tuple(Instance(n + 1, n, 0.5, mask) for n, mask in enumerate(masks))
        collector.add(TrackedFrame(index, True, instances, StepTimes(0, 0, 0, 0)))
    summaries = [TrackSummary(n + 1, n, 0.5, clip.length) for n in range(2)]
    assert [one.category_id for one in found_tracks(judge, clip, collector, summaries)] == [10]

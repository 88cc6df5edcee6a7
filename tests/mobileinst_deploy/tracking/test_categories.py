import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from export.errors import BundleError
from export.manifest import Bundle, open_bundle
from mobileinst_deploy.errors import InputError
from mobileinst_deploy.tracking.categories import bundle_categories
from models.categories import COCO, YOUTUBE_VIS_2019, YOUTUBE_VIS_2021
from tests.export.tampering import edit_manifest

NAMES = [f"kind {number}" for number in range(80)]


@pytest.fixture
def bundle(small_bundle: Path) -> Bundle:
    return open_bundle(small_bundle)


def write(path: Path, content: object) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def rows(*ids: int) -> dict[str, object]:
    return {"info": {}, "categories": [{"id": i, "name": f"kind {i}", "extra": 1} for i in ids]}


def test_eighty_classes_are_cocos(bundle: Bundle):
    assert bundle_categories(bundle) == COCO


def test_names_get_ids_from_one(bundle: Bundle, tmp_path: Path):
    categories = bundle_categories(bundle, write(tmp_path / "names.json", NAMES))
    assert categories[0] == (1, "kind 0")
    assert categories[79] == (80, "kind 79")


def test_a_data_sets_classes_go_by_ascending_id(bundle: Bundle, tmp_path: Path):
    file = write(tmp_path / "instances.json", rows(*range(160, 0, -2)))
    assert bundle_categories(bundle, file)[:2] == ((2, "kind 2"), (4, "kind 4"))


def with_classes(bundle: Bundle, count: int) -> Bundle:
    """As if its network had so many."""
    keyframe = bundle.graph("keyframe")
    outputs = tuple(
        replace(spec, shape=(*spec.shape[:-1], count)) if spec.name == "class_logits" else spec
        for spec in keyframe.outputs
    )
    graphs = {**bundle.manifest.graphs, "keyframe": replace(keyframe, outputs=outputs)}
    return replace(bundle, manifest=replace(bundle.manifest, graphs=graphs))


def test_forty_classes_are_youtube_vis_and_a_file_overrules(bundle: Bundle, tmp_path: Path):
    forty = with_classes(bundle, 40)
    assert bundle_categories(forty) == YOUTUBE_VIS_2019
    later = [{"id": category.id, "name": category.name} for category in YOUTUBE_VIS_2021]
    file = write(tmp_path / "2021.json", {"categories": later})
    assert bundle_categories(forty, file) == YOUTUBE_VIS_2021


def test_other_classes_go_by_their_index(bundle: Bundle):
    assert bundle_categories(with_classes(bundle, 2)) == ((1, "class 0"), (2, "class 1"))


def test_what_the_bundle_says_comes_before_a_guess(bundle_copy: Path, tmp_path: Path):
    edit_manifest(bundle_copy, lambda plain: plain["model"].update(rows(*range(201, 281))))
    told = open_bundle(bundle_copy)
    assert bundle_categories(told)[:2] == ((201, "kind 201"), (202, "kind 202"))
    assert bundle_categories(told, write(tmp_path / "names.json", NAMES))[0] == (1, "kind 0")


def test_a_bundle_from_before_it_said_any(bundle_copy: Path):
    edit_manifest(bundle_copy, lambda plain: plain["model"].pop("categories"))
    assert bundle_categories(open_bundle(bundle_copy)) == COCO


@pytest.mark.parametrize(
    ("ids", "says"),
    [
        (range(1, 80), "a category .* for each class, got 79 categories"),
        ([1] * 80, "with an id of its own"),
        (range(80), "Expected `int` >= 1"),
    ],
)
def test_a_bundle_whose_categories_are_not_its_classes(
    bundle_copy: Path, ids: Sequence[int], says: str
):
    edit_manifest(bundle_copy, lambda plain: plain["model"].update(rows(*ids)))
    with pytest.raises(BundleError, match=says):
        open_bundle(bundle_copy)


BAD = {
    "too few": (NAMES[:40], "has 40 categories, but the bundle's network has 80"),
    "none": ([], "has 0 categories"),
    "twice": (rows(*[1] * 80), "two of its categories have the same id"),
    "from zero": (rows(*range(80)), "neither a list of names"),
    "names that are numbers": (list(range(80)), "neither a list of names"),
    "no categories": ({"videos": []}, "neither a list of names"),
    "a row without a name": ({"categories": [{"id": 1}]}, "missing required field"),
    "an empty name": ([""] * 80, "neither a list of names"),
    "no JSON": ("names:\n- a", "neither a list of names"),
    "endless brackets": ("[" * 100_000, "neither a list of names"),
    "empty": ("", "neither a list of names"),
}


@pytest.mark.parametrize(("content", "says"), BAD.values(), ids=BAD)
def test_what_does_not_fit_is_refused(bundle: Bundle, tmp_path: Path, content: object, says: str):
    file = write(tmp_path / "names.json", content)
    with pytest.raises(InputError, match=says) as caught:
        bundle_categories(bundle, file)
    assert str(file) in str(caught.value)


def test_a_file_that_is_no_text_or_not_there(bundle: Bundle, tmp_path: Path):
    (tmp_path / "names.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="neither a list of names"):
        bundle_categories(bundle, tmp_path / "names.json")
    with pytest.raises(InputError, match="No such file"):
        bundle_categories(bundle, tmp_path / "none.json")

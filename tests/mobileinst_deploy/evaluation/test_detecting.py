"""What is found in single pictures is what SparseInst's inference finds, query by query."""

import numpy as np
import pytest

from export.manifest import Bundle
from mobileinst_deploy.errors import RunError
from mobileinst_deploy.evaluation.detecting import DetectionSettings, detect, load_keyframe
from mobileinst_deploy.runtimes.artifacts import NCNN
from mobileinst_deploy.tracking.rle import decode
from models.frames import Frame
from tests.mobileinst_deploy.curve.scene import cells, pixels
from tests.mobileinst_deploy.evaluation.pixel_pictures import CATEGORIES, found_in
from tests.mobileinst_deploy.tracking.oracle import Oracle, Seen
from tests.mobileinst_deploy.tracking.oracle_bundle import oracle_bundle
from tests.mobileinst_deploy.tracking.pixel_bundle import HEIGHT, WIDTH, write_pixel_bundle
from tests.mobileinst_deploy.tracking.random_shots import random_frames


@pytest.fixture(scope="module")
def pixel_bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return write_pixel_bundle(tmp_path_factory.mktemp("bundles") / "pixels")


def test_equals_the_literal_inference(pixel_bundle: Bundle):
    network, compared = load_keyframe(pixel_bundle, NCNN), 0
    for frame in random_frames(3, 30):
        found = [*detect(pixel_bundle, network, frame, DetectionSettings())]
        rows = sorted(found_in(frame.picture, 0), key=lambda row: -row["score"])
        for one, row in zip(found, rows, strict=True):
            assert CATEGORIES[one.label] == row["category_id"]
            assert one.score == pytest.approx(row["score"], abs=1e-6)
            expected = decode(row["segmentation"]["counts"], HEIGHT, WIDTH)
            assert np.array_equal(one.mask, expected)
            compared += 1
    assert compared > 100


def test_the_best_ones_stay(pixel_bundle: Bundle):
    network, frame = load_keyframe(pixel_bundle, NCNN), random_frames(3, 1)[0]
    scores = [
        [one.score for one in detect(pixel_bundle, network, frame, DetectionSettings(most=most))]
        for most in (100, 3)
    ]
    assert len(scores[0]) > 3
    assert scores[1] == scores[0][:3]
    assert scores[0] == sorted(scores[0], reverse=True)


def test_a_picture_of_another_size_and_shape():
    """The mask is of the picture, not of the network's input, and without the letterbox."""
    bundle, truth = oracle_bundle(), cells(4, 6)
    picture = np.full((2 * 192, 200, 3), 77, np.uint8)
    frame = Frame(0, picture, "tall.png")
    oracle = Oracle(bundle, [frame], [[Seen(0, truth, label=2)]])
    found = [*detect(bundle, oracle.network(), frame, DetectionSettings(score=0.1))]
    assert [one.label for one in found] == [2]
    assert found[0].mask.shape == (384, 200)
    expected = pixels(truth).repeat(2, axis=0).repeat(2, axis=1)[:384, :200]  # shown at half size
    shared, either = (expected & found[0].mask).sum(), (expected | found[0].mask).sum()
    assert shared / either > 0.9


def test_background_alone():
    bundle = oracle_bundle()
    frame = Frame(0, np.zeros((192, 320, 3), np.uint8), "empty.png")
    oracle = Oracle(bundle, [frame], [[]])
    assert [*detect(bundle, oracle.network(), frame, DetectionSettings(score=0.5))] == []


def test_a_graph_that_fails_is_named_with_its_picture():
    bundle = oracle_bundle()
    frame = Frame(0, np.zeros((192, 320, 3), np.uint8), "a.png")
    oracle = Oracle(bundle, [frame], [[Seen(0, cells(1, 1), score=float("nan"))]])
    with pytest.raises(RunError, match=r"^a\.png#0: graph 'keyframe' gives NaN"):
        [*detect(bundle, oracle.network(), frame, DetectionSettings())]

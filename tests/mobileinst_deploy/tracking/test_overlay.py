from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from export.manifest import open_bundle
from mobileinst_deploy.drawing import colour
from mobileinst_deploy.tracking.frames import Instance, StepTimes, TrackedFrame
from mobileinst_deploy.tracking.overlay import caption, draw_tracked, label, model_name
from models.categories import COCO
from models.frames import Frame

FRAME = Frame(12, np.full((272, 640, 3), 128, np.uint8), "clip.mp4")


def instance(identity: int, left: int, index: int = 0) -> Instance:
    mask = np.zeros((272, 640), bool)
    mask[40:160, left : left + 120] = True
    return Instance(identity, index, 0.4567, mask)


def tracked(*instances: Instance, is_keyframe: bool = True) -> TrackedFrame:
    return TrackedFrame(12, is_keyframe, instances, StepTimes(0, 0, 0, 0))


def draw(*instances: Instance) -> np.ndarray:
    return draw_tracked(FRAME, tracked(*instances), COCO, "a model")


def test_a_label_names_identity_class_and_score():
    assert label(instance(7, 0, 56), COCO) == "7 chair 0.46"


@pytest.mark.parametrize(
    ("is_keyframe", "expected"),
    [(True, "frame 12: keyframe; base"), (False, "frame 12: reused kernels; base")],
)
def test_a_caption_names_the_frame_and_its_kind(is_keyframe: bool, expected: str):
    assert caption(tracked(is_keyframe=is_keyframe), "base") == expected


def test_the_model_is_named_with_a_warning_unless_it_was_trained(small_bundle: Path):
    bundle = open_bundle(small_bundle)
    assert model_name(bundle) == "mobileinst-topformer-t, untrained weights"
    model = bundle.manifest.model
    trained = replace(model, weights=replace(model.weights, source_sha256="0" * 64))
    manifest = replace(bundle.manifest, model=trained)
    assert model_name(replace(bundle, manifest=manifest)) == "mobileinst-topformer-t"


def test_an_identity_keeps_its_colour_at_another_place_in_the_list():
    first, second = instance(3, 20), instance(9, 400)
    assert np.array_equal(draw(first, second), draw(second, first))
    assert (draw(first) == colour(3)).all(2).any()
    assert not (draw(first) == colour(9)).all(2).any()


def test_the_best_lies_on_top():
    best, other = instance(1, 100), instance(2, 160)
    contour = draw(best, other)[40, 190:210]
    assert np.abs(contour.astype(int) - colour(1)).max() < 20


def test_a_frame_without_an_instance_has_the_caption_alone():
    changed = (draw() != FRAME.picture).any((1, 2))
    assert changed[-1]
    assert not changed[:240].any()

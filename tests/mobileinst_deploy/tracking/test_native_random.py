"""The native runner's tracker against this package's, on graphs whose outputs are drawn."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from android_bench.building import Runner
from export.manifest import Bundle
from mobileinst_deploy.tracking.contract import FOLDED, PLAIN
from mobileinst_deploy.tracking.rle import decode, encode
from mobileinst_deploy.tracking.settings import ScheduleSettings, TrackingSettings, every
from models.frames import Frame
from models.preprocessing import ResizeRule
from tests.mobileinst_deploy.tracking.native_agreement import (
    Agreement,
    check_agreement,
    in_native,
    in_python,
)
from tests.mobileinst_deploy.tracking.pixel_bundle import DIM, QUERIES, write_pixel_bundle
from tests.mobileinst_deploy.tracking.random_shots import OBJECTS, levels, random_frames, shot

FRAMES = 180
DEFAULTS, EVERYTHING = TrackingSettings(), TrackingSettings(0, 0, -0.5, 0, 0.6)
ADAPTIVE = ScheduleSettings(1, 5, picture_change=5.0, confidence_drop=0.2)
CASES = {
    "each frame is a keyframe": (every(1), DEFAULTS, FOLDED),
    "every third": (every(3), replace(DEFAULTS, similarity=0.8), FOLDED),
    "adaptive, of a short memory": (ADAPTIVE, TrackingSettings(memory=1, similarity=0.9), PLAIN),
    "all kernels meet": (ScheduleSettings(2, 9, 30.0, 0.4), EVERYTHING, PLAIN),
    "few are born": (ScheduleSettings(1, 2, 30.0, 0.4), TrackingSettings(0.4, 0.8, 0.7), FOLDED),
    "none is forgotten": (every(2), TrackingSettings(memory=1000, similarity=0.97), FOLDED),
    "duplicates are dropped": (every(3), replace(DEFAULTS, duplicate=0.8), FOLDED),
}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return write_pixel_bundle(tmp_path_factory.mktemp("bundles") / "pixels")


def agreement(
    bundle: Bundle,
    frames: list[Frame],
    schedule: ScheduleSettings,
    settings: TrackingSettings,
    reuse: str = FOLDED,
) -> Agreement:
    asked = (bundle, frames, schedule, settings, reuse)
    return check_agreement(in_python(*asked), in_native(*asked))


@pytest.mark.parametrize("case", CASES)
def test_identities_labels_scores_and_masks(host_runner: Runner, bundle: Bundle, case: str):
    schedule, settings, reuse = CASES[case]
    frames = random_frames([*CASES].index(case), FRAMES)
    found = agreement(bundle, frames, schedule, settings, reuse)
    assert found.instances > FRAMES  # it was no empty clip
    assert found.keyframes < FRAMES or schedule.longest == 1
    assert len(found.identities) >= 5


def test_the_lower_the_cosine_the_fewer_are_kept(host_runner: Runner, bundle: Bundle):
    frames = random_frames(11, FRAMES)
    instances = [
        agreement(bundle, frames, every(1), TrackingSettings(0, 0, duplicate=duplicate)).instances
        for duplicate in (1.0, 0.8, 0.3, -0.3)
    ]
    assert instances == sorted({*instances}, reverse=True)


@pytest.mark.parametrize("duplicate", [0.6, 0.8, 1.0])
def test_a_cosine_on_the_threshold_is_on_it_for_both(
    host_runner: Runner, bundle: Bundle, duplicate: float
):
    """Kernels of any length, whose cosines are 0, 0.6, 0.8, 0.96 or 1 but for rounding."""
    random = np.random.default_rng(13)
    directions = np.array([[5, 0], [4, 3], [3, 4], [0, 5]])
    still = shot(random, random.integers(0, 256, (OBJECTS, DIM)))

    def frame(index: int) -> Frame:
        kernels = np.full((QUERIES, DIM), 128)
        lengths = random.integers(1, 25, (QUERIES, 1))
        kernels[:, :2] += directions[random.integers(0, 4, QUERIES)] * lengths
        return replace(still, kernels=levels(kernels)).frame(index)

    frames = [frame(index) for index in range(60)]
    agreement(bundle, frames, every(1), TrackingSettings(0, 0, 0.9, duplicate=duplicate))


def test_an_adaptive_schedule_listens_to_every_signal(host_runner: Runner, bundle: Bundle):
    frames = random_frames(99, FRAMES)
    keyframes = {
        signal: agreement(bundle, frames, schedule, DEFAULTS).keyframes
        for signal, schedule in {
            "none": every(6),
            "picture": ScheduleSettings(1, 6, 5.0, 0.999),
            "masks": ScheduleSettings(1, 6, 255.0, 0.05),
        }.items()
    }
    assert keyframes["none"] == FRAMES // 6
    assert min(keyframes["picture"], keyframes["masks"]) > FRAMES // 5


@pytest.mark.parametrize("rule", ["letterbox", "stretch"])
def test_pictures_of_any_size(host_runner: Runner, bundle: Bundle, rule: ResizeRule):
    """The graphs read something of them, whatever comes of resizing."""
    preprocessing = replace(bundle.manifest.preprocessing, resize=rule)
    resized = replace(bundle, manifest=replace(bundle.manifest, preprocessing=preprocessing))
    random = np.random.default_rng(3)
    for height, width in ((1, 1), (1, 70), (33, 2), (15, 23), (97, 41)):
        pictures = random.integers(0, 256, (6, height, width, 3)).astype(np.uint8)
        frames = [Frame(index, picture, "noise") for index, picture in enumerate(pictures)]
        agreement(resized, frames, every(2), TrackingSettings(0, 0, 0.9))


def test_masks_are_encoded_as_coco_does(
    host_runner: Runner, bundle: Bundle, monkeypatch: pytest.MonkeyPatch
):
    """Letter by letter: not only a text that decodes to the same."""
    seen: list[tuple[str, str]] = []

    def heard(counts: str, height: int, width: int):
        mask = decode(counts, height, width)
        seen.append((counts, encode(mask)))
        return mask

    monkeypatch.setattr("mobileinst_deploy.tracking.native.decode", heard)
    random = np.random.default_rng(5)
    pictures = random.integers(0, 256, (20, 100, 150, 3)).astype(np.uint8)
    small = random_frames(7, 60)
    in_native(bundle, small, every(2), DEFAULTS)
    in_native(bundle, [Frame(i, p) for i, p in enumerate(pictures)], every(2), EVERYTHING)
    assert len(seen) > 100
    assert all(counts == theirs for counts, theirs in seen)
    assert {len(counts) > 40 for counts, _ in seen} == {True, False}


def test_frames_that_are_alike_are_one_file(host_runner: Runner, bundle: Bundle, tmp_path: Path):
    (frame,) = random_frames(1, 1)
    frames = [replace(frame, index=index) for index in (5, 6, 9)]
    found = agreement(bundle, frames, every(2), DEFAULTS)
    assert [frame.index for frame in found.frames] == [5, 6, 9]
    assert [frame.is_keyframe for frame in found.frames] == [True, False, True]

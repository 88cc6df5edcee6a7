"""Real frames through three runtimes: the same objects with the same names, frame by frame.

The weights are drawn, so scores are far below the defaults, and kernels of the same query in two
keyframes have a cosine of 0.99, those of others 0.8.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from export.manifest import Bundle, open_bundle
from mobileinst_deploy.runtimes import RUNTIMES
from mobileinst_deploy.tracking.contract import PLAIN
from mobileinst_deploy.tracking.frames import TrackedFrame
from mobileinst_deploy.tracking.network import BundleNetwork, load_network
from mobileinst_deploy.tracking.settings import TrackingSettings, every
from mobileinst_deploy.tracking.video_tracker import VideoTracker
from mobileinst_deploy.video import read_run
from models.frames import Frame, at_size
from tests.clips import clip

DRAWN = TrackingSettings(score=0, birth=0, similarity=0.9)
AGREES = 0.99  # IoU; pixels at which a probability is the threshold fall to either side
FRAMES, EVERY = 18, 7


@pytest.fixture(scope="module")
def frames() -> list[Frame]:
    """Of 5 seconds, so that objects move, and at half the size."""
    run = read_run(clip("bigbuckbunny"), FRAMES * EVERY)[::EVERY]
    return [at_size(frame, 360, 640) for frame in run]


@pytest.fixture(scope="module")
def bundle(phone_bundle: Path) -> Bundle:
    return open_bundle(phone_bundle)


@pytest.fixture(scope="module")
def networks(bundle: Bundle) -> list[BundleNetwork]:
    return [load_network(bundle, RUNTIMES[name]) for name in ("torch", "onnxruntime", "ncnn")]


Frames = Iterator[TrackedFrame]


def track(bundle: Bundle, network: BundleNetwork, frames: list[Frame], interval: int) -> Frames:
    return map(VideoTracker(bundle, network, every(interval), DRAWN).track, frames)


def check_same(one: TrackedFrame, other: TrackedFrame) -> None:
    assert one.is_keyframe == other.is_keyframe
    named = [[(each.identity, each.label) for each in frame.instances] for frame in (one, other)]
    assert named[0] == named[1]
    for mine, its in zip(one.instances, other.instances, strict=True):
        assert mine.score == pytest.approx(its.score, abs=1e-5)
        assert iou(mine.mask, its.mask) >= AGREES


def iou(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    union = np.count_nonzero(one | other)
    return np.count_nonzero(one & other) / union if union else 1.0


@pytest.mark.parametrize("interval", [1, 3, 6])
def test_three_runtimes_give_the_same_tracks(
    bundle: Bundle, networks: list[BundleNetwork], frames: list[Frame], interval: int
):
    seen = set()
    runs = [track(bundle, network, frames, interval) for network in networks]
    for reference, *others in zip(*runs, strict=True):
        assert reference.instances
        for other in others:
            check_same(reference, other)
        seen |= {each.identity for each in reference.instances}
    assert 5 < len(seen) < 5 * FRAMES / interval  # objects come, and some stay


def test_folded_kernels_give_the_same_tracks_as_plain_ones(
    bundle: Bundle, networks: list[BundleNetwork], frames: list[Frame]
):
    plain = load_network(bundle, RUNTIMES["onnxruntime"], PLAIN)
    runs = [track(bundle, network, frames, 3) for network in (networks[1], plain)]
    for pair in zip(*runs, strict=True):
        check_same(*pair)

"""One clip in Python with ncnn's wheel, and in the native runner: what has to be the same."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from export.manifest import Bundle
from mobileinst_deploy.runtimes import RUNTIMES
from mobileinst_deploy.tracking.contract import FOLDED
from mobileinst_deploy.tracking.frames import Mask, TrackedFrame, TrackSummary
from mobileinst_deploy.tracking.native import track_on_host
from mobileinst_deploy.tracking.network import load_network
from mobileinst_deploy.tracking.settings import ScheduleSettings, TrackingSettings
from mobileinst_deploy.tracking.video_tracker import VideoTracker
from models.frames import Frame

SCORE, IOU = 1e-4, 0.99


@dataclass(frozen=True)
class Tracked:
    frames: list[TrackedFrame]
    summaries: list[TrackSummary]


@dataclass(frozen=True)
class Agreement:
    """How close two trackers came that gave the same identities and labels."""

    frames: list[TrackedFrame]
    instances: int
    worst_iou: float

    @property
    def keyframes(self) -> int:
        return sum(frame.is_keyframe for frame in self.frames)

    @property
    def identities(self) -> set[int]:
        return {instance.identity for frame in self.frames for instance in frame.instances}


def in_python(
    bundle: Bundle,
    frames: Sequence[Frame],
    schedule: ScheduleSettings,
    settings: TrackingSettings,
    reuse: str = FOLDED,
) -> Tracked:
    network = load_network(bundle, RUNTIMES["ncnn"], reuse)
    tracker = VideoTracker(bundle, network, schedule, settings)
    return Tracked([tracker.track(frame) for frame in frames], tracker.summaries())


def in_native(
    bundle: Bundle,
    frames: Sequence[Frame],
    schedule: ScheduleSettings,
    settings: TrackingSettings,
    reuse: str = FOLDED,
) -> Tracked:
    came: list[TrackedFrame] = []
    summaries = track_on_host(
        bundle, "fp32", frames, schedule, settings, reuse=reuse, on_frame=came.append
    )
    return Tracked(came, summaries)


def check_agreement(python: Tracked, native: Tracked) -> Agreement:
    """Fails at the first frame that differs."""
    worst, instances = 1.0, 0
    for ours, theirs in zip(python.frames, native.frames, strict=True):
        assert (theirs.index, theirs.is_keyframe) == (ours.index, ours.is_keyframe)
        assert labels(theirs) == labels(ours), f"frame {ours.index}"
        for one, other in zip(ours.instances, theirs.instances, strict=True):
            assert other.score == pytest.approx(one.score, abs=SCORE), f"frame {ours.index}"
            worst = min(worst, iou(one.mask, other.mask))
            instances += 1
    assert worst >= IOU
    for track, same in zip(python.summaries, native.summaries, strict=True):
        assert (same.identity, same.label, same.frames) == (
            track.identity,
            track.label,
            track.frames,
        )
        assert same.score == pytest.approx(track.score, abs=SCORE)
    return Agreement(native.frames, instances, worst)


def labels(frame: TrackedFrame) -> list[tuple[int, int]]:
    return [(instance.identity, instance.label) for instance in frame.instances]


def iou(one: Mask, other: Mask) -> float:
    union = np.count_nonzero(one | other)
    return np.count_nonzero(one & other) / union if union else 1.0

from collections.abc import Iterable, Iterator

import numpy as np
import pytest

from mobileinst_deploy.errors import InputError
from mobileinst_deploy.tracking.frames import StepTimes, TrackedFrame, TrackSummary
from mobileinst_deploy.tracking.run import OnFrame, track_elsewhere, track_frames
from mobileinst_deploy.tracking.settings import TrackingSettings, every
from mobileinst_deploy.tracking.video_tracker import VideoTracker
from models.frames import Frame
from tests.mobileinst_deploy.tracking.oracle import Oracle
from tests.mobileinst_deploy.tracking.stories import story


def tracker_of(oracle: Oracle, interval: int = 2) -> VideoTracker:
    return VideoTracker(oracle.bundle, oracle.network(), every(interval), TrackingSettings())


def test_every_sink_gets_every_frame_in_order():
    oracle, seen = story("99.99"), []
    sinks = [
        lambda frame, tracked: seen.append(("first", frame.index, tracked.index)),
        lambda frame, tracked: seen.append(("second", frame.index, len(tracked.instances))),
    ]
    run = track_frames(tracker_of(oracle), oracle.frames, sinks)
    assert [row[:2] for row in seen] == [
        (name, index) for index in range(5) for name in ("first", "second")
    ]
    assert [row[2] for row in seen if row[0] == "second"] == [1, 1, 0, 0, 1]
    assert [step.is_keyframe for step in run.steps] == [True, False] * 2 + [True]
    assert [(summary.identity, summary.frames) for summary in run.summaries] == [(1, 3)]
    assert run.elapsed_s > 0


def test_the_best_score_is_known_where_nothing_is_tracked():
    oracle = story("0000", "0..0")
    run = track_frames(tracker_of(oracle), oracle.frames, ())
    assert run.summaries == ()
    assert run.best_score == pytest.approx(0.05, abs=1e-3)


def test_frames_are_taken_one_at_a_time():
    """A frame is asked for when the sinks are done with the one before."""
    oracle, events = story("999"), []

    def frames() -> Iterator[Frame]:
        for frame in oracle.frames:
            events.append("read")
            yield frame

    track_frames(tracker_of(oracle), frames(), [lambda frame, tracked: events.append("sunk")])
    assert events == ["read", "sunk"] * 3


def test_what_came_before_an_error_is_with_the_sinks():
    oracle, seen = story("999"), []

    def frames() -> Iterator[Frame]:
        yield from oracle.frames[:2]
        raise InputError("the third can't be decoded")

    with pytest.raises(InputError, match="the third"):
        track_frames(tracker_of(oracle), frames(), [lambda frame, _: seen.append(frame.index)])
    assert seen == [0, 1]


def test_a_tracker_elsewhere_meets_its_pictures_again():
    frames = [Frame(index + 3, np.zeros((2, 2, 3), np.uint8)) for index in range(3)]
    summary, seen = TrackSummary(1, 0, 0.5, 3), []

    def elsewhere(taken: Iterable[Frame], on_frame: OnFrame) -> list[TrackSummary]:
        for index in [frame.index for frame in taken]:
            on_frame(TrackedFrame(index, index == 3, (), StepTimes(1, 2, 3, 4)))
        return [summary]

    sinks = [lambda frame, tracked: seen.append((frame, tracked.index))]
    run = track_elsewhere(elsewhere, iter(frames), iter(frames), sinks)
    assert seen == [(frame, frame.index) for frame in frames]
    assert [step.is_keyframe for step in run.steps] == [True, False, False]
    assert (run.summaries, run.best_score) == ((summary,), None)

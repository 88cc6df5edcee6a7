"""Classes and scores of a track: averages over its frames so far."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from mobileinst_deploy.tracking.settings import TrackingSettings, every
from mobileinst_deploy.tracking.video_tracker import VideoTracker
from tests.mobileinst_deploy.tracking.oracle import SHARPNESS, Oracle
from tests.mobileinst_deploy.tracking.stories import story, track

INSIDE = 1 / (1 + 2.718281828459045**-SHARPNESS)  # the confidence of every mask of a story

# What happens: T, the class that the network says, the track's class.
CLASSES = {
    "one frame is outvoted": (1, "00200", "00000"),
    "a tie stays with the lower class": (1, "22002", "22202"),
    "a majority wins": (1, "00222", "00002"),
    "the first keyframe counts for its frames": (3, "0..2..2..2", "0000002222"),
}


def classed(oracle: Oracle, said: str) -> Oracle:
    """With the class of each frame; between keyframes, ".", nobody asks for it."""
    shots = [
        [replace(seen, label=int(label.replace(".", "5"))) for seen in shot]
        for shot, label in zip(oracle.shots, said, strict=True)
    ]
    return replace(oracle, shots=shots)


@pytest.mark.parametrize("what", CLASSES)
def test_the_class_is(what: str):
    interval, said, labels = CLASSES[what]
    tracked = track(classed(story("9" * len(said)), said), every(interval))
    assert [frame.instances[0].label for frame in tracked] == [int(label) for label in labels]


# What happens: T, scores of the actor, the track's score so far, a frame it is seen in.
SCORES = {
    "every frame counts": (1, "957", [0.9, 0.7, 0.7]),
    "the keyframe's score counts for its frames": (3, "911511", [0.9, 0.9, 0.9, 0.8, 0.74, 0.7]),
    "frames without a mask do not count": (3, "9.9533", [0.9, 0.9, 2.3 / 3, 0.7, 0.66]),
    "neither do keyframes without it": (1, "9..5", [0.9, 0.7]),
}


@pytest.mark.parametrize("what", SCORES)
def test_the_score_is(what: str):
    interval, actor, scores = SCORES[what]
    tracked = track(story(actor), every(interval))
    got = [instance.score for frame in tracked for instance in frame.instances]
    assert got == pytest.approx([score * INSIDE for score in scores], rel=1e-5)


def summaries(oracle: Oracle) -> list[tuple[int, int, float]]:
    settings = TrackingSettings(memory=1)
    tracker = VideoTracker(oracle.bundle, oracle.network(), every(1), settings)
    for frame in oracle.frames:
        tracker.track(frame)
    return [(one.identity, one.frames, one.score) for one in tracker.summaries()]


def close(rows: Sequence[tuple[int, int, float]]) -> list[object]:
    return [(i, frames, pytest.approx(score * INSIDE, rel=1e-5)) for i, frames, score in rows]


def test_summaries_have_tracks_that_are_forgotten_too():
    got = summaries(story("97.....", "888....", ".....66"))
    assert got == close([(1, 2, 0.8), (2, 3, 0.8), (3, 2, 0.6)])


@pytest.mark.parametrize("oracle", [story(), story("...."), story("0000")])
def test_no_summaries_before_anything_is_seen(oracle: Oracle):
    assert summaries(oracle) == []


def test_a_track_without_a_pixel_is_born_but_not_told_of():
    oracle = story("999", "888")
    hollow = [[replace(one, cells=one.cells & False), other] for one, other in oracle.shots]
    assert summaries(replace(oracle, shots=hollow)) == close([(2, 3, 0.8)])

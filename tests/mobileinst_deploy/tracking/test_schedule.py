"""When a frame is a keyframe: the rule by itself, and in a video."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mobileinst_deploy.tracking.schedule import (
    SinceKeyframe,
    is_keyframe,
    picture_change,
    sample_picture,
)
from mobileinst_deploy.tracking.settings import ScheduleSettings, every
from mobileinst_deploy.video import read_run
from tests.clips import clip
from tests.mobileinst_deploy.tracking.oracle import Oracle
from tests.mobileinst_deploy.tracking.stories import story, track

ADAPTIVE = ScheduleSettings(2, 6, picture_change=40, confidence_drop=0.2)
BLACK = np.zeros((18, 32, 3), np.uint8)

# What came since: frames, brightness (the keyframe's is 0), the keyframe's confidence, the last.
SIGNALS = {
    "nothing before the shortest interval": ((1, 255, 0.9, 0.0), False),
    "no signal": ((2, 0, 0.9, 0.9), False),
    "the longest interval": ((6, 0, 0.9, 0.9), True),
    "beyond the longest": ((9, 0, 0.9, 0.9), True),
    "a change at the threshold": ((2, 40, 0.9, 0.9), False),
    "a change above it": ((2, 41, 0.9, 0.9), True),
    "a drop that is allowed": ((2, 0, 1.0, 0.81), False),
    "a drop above that": ((2, 0, 1.0, 0.79), True),
    "surer than before": ((2, 0, 0.5, 0.9), False),
    "a keyframe without objects": ((2, 0, 0.0, 0.0), True),
}


@pytest.mark.parametrize("what", SIGNALS)
def test_a_signal(what: str):
    (frames, brightness, first, last), expected = SIGNALS[what]
    since = SinceKeyframe(frames, BLACK, first, last)
    assert is_keyframe(since, np.full_like(BLACK, brightness), ADAPTIVE) == expected


def test_the_first_frame_is_a_keyframe():
    assert is_keyframe(None, BLACK, every(3))


@pytest.mark.parametrize(("frames", "expected"), [(1, False), (2, False), (3, True)])
def test_a_fixed_interval_heeds_no_signal(frames: int, expected: bool):
    since = SinceKeyframe(frames, BLACK, 0.9, 0.0)
    assert is_keyframe(since, np.full_like(BLACK, 255), every(3)) == expected


@pytest.mark.parametrize("size", [(1, 1), (5, 7), (18, 32), (100, 100), (272, 640), (1, 4000)])
def test_sampled_pixels_are_in_the_middles_of_equal_parts(size: tuple[int, int]):
    picture = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    sample = sample_picture(picture)
    assert sample.shape == (18, 32, 3)
    for row, column in np.ndindex(18, 32):
        y, x = int((row + 0.5) / 18 * size[0]), int((column + 0.5) / 32 * size[1])
        assert np.array_equal(sample[row, column], picture[y, x])


PIXELS = st.binary(min_size=12, max_size=12).map(
    lambda some: np.frombuffer(some, np.uint8).reshape(2, 2, 3)
)


@given(PIXELS, PIXELS)
def test_the_change_is_the_mean_absolute_difference(one: NDArray[np.uint8], other):
    pairs = zip(one.ravel().tolist(), other.ravel().tolist(), strict=True)
    assert picture_change(one, other) == sum(abs(a - b) for a, b in pairs) / 12
    assert picture_change(other, one) == picture_change(one, other)


# What happens: actors, brightness added to each frame in tens, keyframes.
VIDEOS = {
    "a static scene waits": (["99999999"], "00000000", "K.....K."),
    "a cut": (["99999999"], "00088888", "K..K...."),
    "a cut too early waits": (["99999999"], "08888888", "K.K....."),
    "a flash that is over": (["99999999"], "08000000", "K.....K."),
    "a slow change adds up": (["99999999"], "02345678", "K...K..."),
    "one of two is gone": (["99999999", "99......"], "00000000", "K..K...."),
    "one of two is hidden early": (["99999999", "9.999999"], "00000000", "K.K....."),
    "nothing to be seen": (["........"], "00000000", "K.K.K.K."),
    "something appears": ([".....999"], "00000000", "K.K.K.K."),
}


@pytest.mark.parametrize("what", VIDEOS)
def test_keyframes_of(what: str):
    actors, brightness, keyframes = VIDEOS[what]
    tracked = track(lit(story(*actors), brightness), ADAPTIVE)
    assert "".join("K" if frame.is_keyframe else "." for frame in tracked) == keyframes


def lit(oracle: Oracle, brightness: str) -> Oracle:
    frames = [
        replace(frame, picture=frame.picture + np.uint8(10 * int(tens)))
        for frame, tens in zip(oracle.frames, brightness, strict=True)
    ]
    return replace(oracle, frames=frames)


INTERVALS = st.tuples(st.integers(1, 4), st.integers(0, 4)).map(lambda s: (s[0], sum(s)))


@given(INTERVALS, st.lists(st.sampled_from([0, 90, 200]), max_size=30), st.randoms())
def test_intervals_keep_their_bounds(bounds: tuple[int, int], levels: list[int], random):
    settings = ScheduleSettings(*bounds)
    since, keyframes = None, []
    for frame, level in enumerate(levels):
        sample = np.full_like(BLACK, level)
        if is_keyframe(since, sample, settings):
            keyframes.append(frame)
            since = SinceKeyframe(0, sample, random.random(), 0.0)
        since = replace(since, frames=since.frames + 1, last_confidence=random.random())
    gaps = np.diff([*keyframes, len(levels)])
    assert keyframes[:1] == ([0] if levels else [])
    assert all(bounds[0] <= gap <= bounds[1] for gap in gaps[:-1])
    assert not levels or gaps[-1] <= bounds[1]


BIKES_CUTS = (30, 76, 137, 187, 242)  # the first frames behind


@pytest.fixture(scope="module")
def bikes() -> list[NDArray[np.uint8]]:
    return [sample_picture(frame.picture) for frame in read_run(clip("bikes"), 250)]


@pytest.mark.parametrize("lag", [1, 2])
def test_the_default_tells_cuts_from_motion(bikes: list[NDArray[np.uint8]], lag: int):
    for first in range(len(bikes) - lag):
        cut = any(first < frame <= first + lag for frame in BIKES_CUTS)
        change = picture_change(bikes[first], bikes[first + lag])
        assert (change > ScheduleSettings().picture_change) == cut


def test_every_cut_gets_a_keyframe_of_its_own(bikes: list[NDArray[np.uint8]]):
    settings = ScheduleSettings(1, 6)
    since, keyframes = None, set()
    for frame, sample in enumerate(bikes):
        if is_keyframe(since, sample, settings):
            keyframes.add(frame)
            since = SinceKeyframe(0, sample, 1.0, 1.0)
        since = replace(since, frames=since.frames + 1)
    assert keyframes >= set(BIKES_CUTS)
    assert len(keyframes) < 250 / 6 * 1.5  # far from all frames

"""What one keyframe makes of tracks: at the thresholds, and with nothing on either side."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobileinst_deploy.tracking.selection import Candidates
from mobileinst_deploy.tracking.settings import TrackingSettings
from mobileinst_deploy.tracking.tracks import Track, continue_tracks, seen

DIM, CLASSES = 6, 3
SETTINGS = TrackingSettings(score=0.1, birth=0.25, similarity=0.5, memory=2)
AXES = np.eye(DIM, dtype=np.float32)


def candidates(*found: tuple[int, float]) -> Candidates:
    """Each by the axis that its kernel lies on, and its score."""
    axes, scores = ([each[i] for each in found] for i in (0, 1))
    return Candidates(
        np.array(scores, np.float32),
        np.full((len(found), CLASSES), 0.5, np.float32),
        AXES[np.array(axes, int)],
        np.zeros((len(found), 2, 2), np.float32),
        max(scores, default=0.0),
    )


def track(identity: int, axis: int, missed: int = 0) -> Track:
    return Track(identity, AXES[axis], missed, 1, 0.5, np.zeros(CLASSES))


# Tracks (identity, axis, missed), candidates (axis, score), then who lives and who is remembered.
KEYFRAMES: dict[str, tuple[list, list, list, list]] = {
    "nothing": ([], [], [], []),
    "no tracks": ([], [(3, 0.9), (1, 0.8)], [(0, 10), (1, 11)], [(10, 0), (11, 0)]),
    "no candidates": ([(4, 0, 0), (5, 1, 1)], [], [], [(4, 1), (5, 2)]),
    "a score on the birth threshold": ([], [(0, 0.25)], [(0, 10)], [(10, 0)]),
    "a score below it": ([], [(0, 0.249)], [], []),
    "a low score continues": ([(4, 0, 0)], [(0, 0.1)], [(0, 4)], [(4, 0)]),
    "a low score finds again": ([(4, 0, 2)], [(0, 0.1)], [(0, 4)], [(4, 0)]),
    "the last wait is over": ([(4, 0, 2), (5, 1, 1)], [(2, 0.2)], [], [(5, 2)]),
    "found, lost and born": (
        [(4, 0, 0), (5, 1, 0)],
        [(2, 0.9), (1, 0.8), (3, 0.7)],
        [(0, 10), (1, 5), (2, 11)],
        [(4, 1), (5, 0), (10, 0), (11, 0)],
    ),
}


@pytest.mark.parametrize("what", KEYFRAMES)
def test_a_keyframe(what: str):
    tracks, found, live, remembered = KEYFRAMES[what]
    after = continue_tracks([track(*each) for each in tracks], candidates(*found), 9, SETTINGS)
    assert list(after.live) == live
    assert [(each.identity, each.missed) for each in after.tracks] == remembered
    assert after.born == max([9, *(identity for _, identity in live)])


def test_a_found_track_takes_the_new_kernel_and_keeps_its_averages():
    turned = candidates((0, 0.9))
    turned.kernels[0, 1] = 0.5
    (found,) = continue_tracks([track(4, 0, 1)], turned, 9, SETTINGS).tracks
    assert np.array_equal(found.kernel, turned.kernels[0])
    assert (found.frames, found.score_sum) == (1, 0.5)


def test_identical_kernels_keep_their_identities():
    """Two queries of one object are two tracks, and neither takes the other's place twice."""
    same = candidates((0, 0.9), (0, 0.9), (0, 0.8))
    first = continue_tracks([], same, 0, SETTINGS)
    again = continue_tracks(first.tracks, same, first.born, SETTINGS)
    assert sorted(identity for _, identity in again.live) == [1, 2, 3]
    assert (again.born, len(again.tracks)) == (3, 3)


FOUND = st.lists(st.tuples(st.integers(0, DIM - 1), st.floats(0.1, 1)), max_size=8)


@given(st.lists(FOUND, max_size=8))
def test_whatever_comes_identities_are_unique_and_memory_ends(keyframes: Sequence[list]):
    tracks: tuple[Track, ...] = ()
    born = 0
    for found in keyframes:
        after = continue_tracks(tracks, candidates(*found), born, SETTINGS)
        identities = [each.identity for each in after.tracks]
        live = [identity for _, identity in after.live]
        assert identities == sorted(set(identities))
        assert len(live) == len(set(live)) <= len(found)
        assert set(live) == {each.identity for each in after.tracks if each.missed == 0}
        assert all(each.missed <= SETTINGS.memory for each in after.tracks)
        assert born <= after.born == max([born, *identities])
        tracks, born = after.tracks, after.born


def test_averages():
    one = track(4, 0)
    for score, classes in [(0.9, (0.1, 0.8, 0.1)), (0.1, (0.6, 0.3, 0.1))]:
        one = seen(one, score, np.array(classes, np.float32))
    assert (one.frames, one.label) == (3, 1)
    assert one.score == pytest.approx((0.5 + 0.9 + 0.1) / 3)
    assert one.class_sums == pytest.approx([0.7, 1.1, 0.2], abs=1e-6)

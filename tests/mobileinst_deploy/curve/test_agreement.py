"""Cases that can be counted by hand."""

from collections.abc import Mapping

import numpy as np
import pytest

from mobileinst_deploy.curve.agreement import Agreement, Tally, agreement, tally_video
from mobileinst_deploy.curve.overlaps import FrameOverlap, compare_frames
from mobileinst_deploy.tracking.frames import Instance


def frame(reference: str, found: str, ious: Mapping[str, float]) -> FrameOverlap:
    """Identities are letters; an IoU is of a pair of them, 0 where none is given."""
    table = [[ious.get(a + b, 0.0) for b in found] for a in reference]
    shape = (len(reference), len(found))
    return FrameOverlap(
        tuple(map(ord, reference)), tuple(map(ord, found)), np.array(table).reshape(shape)
    )


CASES = {
    "no frame": ([], Tally()),
    "nobody": ([frame("", "", {})], Tally(frames=1)),
    "one that stays": (
        [frame("a", "x", {"ax": 0.9}), frame("a", "x", {"ax": 0.7})],
        Tally(2, 2, 1.6, 2, 0, 0),
    ),
    "one that is missing": ([frame("ab", "x", {"ax": 0.9})], Tally(1, 2, 0.9, 1, 0, 0)),
    "one too many": ([frame("a", "xy", {"ax": 0.9, "ay": 0.6})], Tally(1, 1, 0.9, 1, 1, 0)),
    "an IoU of .5 is not the same object": (
        [frame("a", "x", {"ax": 0.5})],
        Tally(1, 1, 0.5, 0, 1, 0),
    ),
    "another identity": (
        [frame("a", "x", {"ax": 0.9}), frame("a", "y", {"ay": 0.8})],
        Tally(2, 2, 1.7, 2, 0, 1),
    ),
    "another identity after a gap": (
        [frame("a", "x", {"ax": 1.0}), frame("a", "", {}), frame("a", "y", {"ay": 1.0})],
        Tally(3, 3, 2.0, 2, 0, 1),
    ),
    "the same identity after a gap": (
        [frame("a", "x", {"ax": 1.0}), frame("", "x", {}), frame("a", "x", {"ax": 1.0})],
        Tally(3, 2, 2.0, 2, 1, 0),
    ),
    "two that swap": (
        [
            frame("ab", "xy", {"ax": 1.0, "by": 1.0}),
            frame("ab", "xy", {"ay": 1.0, "bx": 1.0}),
        ],
        Tally(2, 4, 4.0, 4, 0, 2),
    ),
    "a pair stays one while it may, though another overlaps more": (
        [
            frame("a", "xy", {"ax": 0.9}),
            frame("a", "xy", {"ax": 0.6, "ay": 0.9}),
        ],
        Tally(2, 2, 1.8, 2, 2, 0),
    ),
    "masks are paired so that the sum is largest": (
        [frame("ab", "xy", {"ax": 0.8, "ay": 0.7, "bx": 0.7})],
        Tally(1, 2, 1.4, 2, 0, 0),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_counts(name: str):
    overlaps, expected = CASES[name]
    found = tally_video(overlaps)
    assert found.iou_sum == pytest.approx(expected.iou_sum)
    assert found == Tally(**(vars(expected) | {"iou_sum": found.iou_sum}))


def test_shares_of_what_was_counted():
    found = agreement(Tally(frames=50, instances=20, iou_sum=15.0, found=16, extra=4, switches=1))
    assert found == Agreement(0.75, 0.8, 0.2, 1, 2.0)


def test_shares_of_nobody():
    assert agreement(Tally(frames=50)) == Agreement(None, None, None, 0, 0.0)


def test_videos_are_counted_one_by_one():
    """An identity of another video is none that was there before."""
    first, second = frame("a", "x", {"ax": 1.0}), frame("a", "y", {"ay": 1.0})
    assert (tally_video([first]) + tally_video([second])).switches == 0
    assert tally_video([first, second]).switches == 1


def instance(identity: int, *columns: int) -> Instance:
    mask = np.zeros((3, 5), bool)
    mask[:, list(columns)] = True
    return Instance(identity, 0, 1.0, mask)


def test_ious_of_masks():
    overlap = compare_frames(
        [instance(1, 0, 1), instance(2)], [instance(7, 0, 1), instance(8, 1, 2), instance(9)]
    )
    assert (overlap.reference, overlap.found) == ((1, 2), (7, 8, 9))
    assert overlap.ious == pytest.approx(np.array([[1, 1 / 3, 0], [0, 0, 0]]))


@pytest.mark.parametrize("found", [[], [instance(1, 0)]])
def test_nobody_has_no_iou(found: list[Instance]):
    assert compare_frames([], found).ious.shape == (0, len(found))
    assert compare_frames(found, []).ious.shape == (len(found), 0)

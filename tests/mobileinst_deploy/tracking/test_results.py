import numpy as np

from mobileinst_deploy.tracking.frames import Instance, StepTimes, TrackedFrame, TrackSummary
from mobileinst_deploy.tracking.results import Collector, collect, to_ytvis
from mobileinst_deploy.tracking.rle import decode
from models.categories import COCO

TIMES = StepTimes(0, 0, 0, 0)
SIZE = (6, 8)
SUMMARIES = [TrackSummary(1, 2, 0.5, 2), TrackSummary(2, 79, 0.25, 1)]


def square(left: int, side: int = 3) -> np.ndarray:
    mask = np.zeros(SIZE, bool)
    mask[1 : 1 + side, left : left + side] = True
    return mask


def frame(index: int, *instances: tuple[int, np.ndarray]) -> TrackedFrame:
    found = tuple(Instance(identity, 0, 0.5, mask) for identity, mask in instances)
    return TrackedFrame(index, index == 0, found, TIMES)


FRAMES = [
    frame(7, (1, square(0))),
    frame(8),
    frame(9, (2, square(4)), (1, square(1))),
]


def test_a_track_has_an_entry_for_every_frame():
    result = collect(iter(FRAMES), lambda: SUMMARIES, COCO)
    assert (result.length, result.height, result.width, result.video_id) == (3, *SIZE, 1)
    first, second = result.tracks
    assert (first.identity, first.category_id, first.score) == (1, 3, 0.5)
    assert (second.identity, second.category_id, second.score) == (2, 90, 0.25)
    assert [counts is not None for counts in first.segmentations] == [True, False, True]
    assert second.segmentations[:2] == (None, None)
    assert np.array_equal(decode(second.segmentations[2], *SIZE), square(4))


def test_the_summaries_are_asked_for_when_the_frames_are_through():
    asked = []

    def frames():
        yield from FRAMES
        asked.append("frames")

    collect(frames(), lambda: asked.append("summaries") or SUMMARIES, COCO)
    assert asked == ["frames", "summaries"]


def test_rows_are_as_youtube_vis_has_them():
    rows = to_ytvis([collect(FRAMES, lambda: SUMMARIES, COCO, video_id=5)])
    assert [set(row) for row in rows] == [
        {"video_id", "category_id", "score", "segmentations"},
    ] * 2
    assert [row["video_id"] for row in rows] == [5, 5]
    assert [len(row["segmentations"]) for row in rows] == [3, 3]
    assert rows[0]["segmentations"][0]["size"] == SIZE
    assert rows[0]["segmentations"][1] is None


def test_a_track_without_a_pixel_is_none():
    """Its mask was above the threshold on the network's grid, and is not at the picture's size."""
    frames = [frame(0, (1, np.zeros(SIZE, bool)), (2, square(0)))]
    result = collect(frames, lambda: SUMMARIES, COCO)
    assert [track.identity for track in result.tracks] == [2]


def test_nothing_seen_leaves_no_row():
    assert to_ytvis([]) == []
    assert to_ytvis([collect([frame(0), frame(1)], list, COCO)]) == []
    assert to_ytvis([Collector().result([], COCO, 1)]) == []

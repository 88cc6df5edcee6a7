"""A clip tracked: what is said a frame and in the end, on this CPU and on a phone's."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from export.manifest import open_bundle
from mobileinst_deploy.tracking.rle import area, decode
from mobileinst_deploy.tracking.settings import TrackingSettings
from mobileinst_deploy.video import read_run
from models.frames import at_size
from tests.android_bench.runner.pixels import clip_job, pixel_job
from tests.android_bench.runner.program import Command, Event, refused, succeeded
from tests.clips import clip
from tests.mobileinst_deploy.tracking.native_agreement import IOU, SCORE, iou
from tests.mobileinst_deploy.tracking.pixel_bundle import GRAPHS, HEIGHT, WIDTH

FRAMES = 40
STEPS = ("preprocess_ns", "graphs_ns", "tracker_ns", "masks_ns")


def test_every_frame_is_told_with_its_steps(host: Command, tmp_path: Path):
    frames = succeeded(host, "track", pixel_job(tmp_path, FRAMES)).of("tracked")
    assert [frame["index"] for frame in frames] == [*range(FRAMES)]
    roles = ["reuse" if index % 3 else "key" for index in range(FRAMES)]
    assert [frame["role"] for frame in frames] == roles
    assert all(0 < sum(frame[step] for step in STEPS) <= frame["ns"] for frame in frames)
    assert all(before["at_ns"] + before["ns"] <= f["at_ns"] for before, f in pairwise(frames))


def test_tracks_come_in_the_end_by_identity(host: Command, tmp_path: Path):
    ended = succeeded(host, "track", pixel_job(tmp_path, FRAMES))
    instances = [one for frame in ended.of("tracked") for one in frame["instances"]]
    seen = Counter(one["identity"] for one in instances)
    assert {track["identity"]: track["frames"] for track in ended.of("track")} == seen
    identities = [track["identity"] for track in ended.of("track")]
    assert identities == sorted(identities)
    latest = {one["identity"]: one for one in instances}
    for track in ended.of("track"):
        last = latest[track["identity"]]
        assert (track["label"], track["score"]) == (last["label"], last["score"])
    assert ended.events[-len(identities) - 1]["event"] == "track"


def test_scores_are_numbers_and_masks_are_of_the_picture(host: Command, tmp_path: Path):
    frames = succeeded(host, "track", pixel_job(tmp_path, FRAMES)).of("tracked")
    instances = [one for frame in frames for one in frame["instances"]]
    assert all(0 < one["score"] < 1 for one in instances)
    areas = {area(one["counts"], HEIGHT, WIDTH) for one in instances}
    assert min(areas) < max(areas) <= HEIGHT * WIDTH


def test_keyframes_alone_need_no_reuse_graph(host: Command, tmp_path: Path):
    path = pixel_job(tmp_path, 3)
    text = path.read_text().replace("tracking\tshortest\t3", "tracking\tshortest\t1")
    text = text.replace("tracking\tlongest\t3", "tracking\tlongest\t1")
    path.write_text(text.replace("schedule\treuse\treuse_folded\n", ""))
    frames = succeeded(host, "track", path).of("tracked")
    assert [frame["role"] for frame in frames] == ["key"] * 3


@pytest.mark.parametrize(
    ("graph", "old", "new", "says"),
    [
        ("fold", "0=1", "0=5", "frame 0: graph 'fold' gives NaN in its output 'weight'"),
        ("reuse_folded", "BinaryOp join 2 1 masks stood out0 0=1\n",
         "BinaryOp join 2 1 masks stood big 0=1\nBinaryOp huge 1 1 big out0 0=2 1=1 2=3e38\n",
         "frame 1: graph 'reuse_folded' gives infinity in its output 'mask_logits'"),
        ("fold", "UnaryOp negative 1 1 in0 out0 0=1", "Crop cut 1 1 in0 out0 0=0 1=0 3=3 4=5",
         "frame 0: graph 'fold': output 'weight' has not the shape [5,6]"),
        ("keyframe", "3=48\nReshape shape_kernels 1 1 kernels out2 0=6 1=8",
         "3=42\nReshape shape_kernels 1 1 kernels out2 0=6 1=7",
         "frame 0: graph 'keyframe': output 'kernels' has not the shape [8,6]"),
    ],
)  # fmt: skip
def test_what_a_graph_must_not_give(
    host: Command, tmp_path: Path, graph: str, old: str, new: str, says: str
):
    text = GRAPHS[graph][2]
    assert old in text
    changed = text.replace(old, new)
    if new.count("\n") > old.count("\n"):
        changed = changed.replace("8 8\n", "9 9\n")
    message = refused(host, 4, ("track", pixel_job(tmp_path, 4, {graph: changed})))
    assert says in message


def check_same(host: list[Event], arm: list[Event], height: int, width: int) -> None:
    for ours, theirs in zip(host, arm, strict=True):
        named = [[(i["identity"], i["label"]) for i in f["instances"]] for f in (ours, theirs)]
        assert named[0] == named[1]
        for one, other in zip(ours["instances"], theirs["instances"], strict=True):
            assert other["score"] == pytest.approx(one["score"], abs=SCORE)
            masks = (decode(each["counts"], height, width) for each in (one, other))
            assert iou(*masks) >= IOU


def test_a_phones_cpu_gives_the_same_on_drawn_frames(host: Command, arm: Command, tmp_path: Path):
    job = pixel_job(tmp_path, FRAMES)
    ours, theirs = (succeeded(command, "track", job).of("tracked") for command in (host, arm))
    check_same(ours, theirs, HEIGHT, WIDTH)


def test_a_phones_cpu_gives_the_same_on_a_real_clip(
    host: Command, arm: Command, phone_bundle: Path, tmp_path: Path
):
    """With drawn weights scores are low, and kernels of the same query have a cosine of 0.99."""
    frames = [at_size(frame, 90, 160) for frame in read_run(clip("bigbuckbunny"), 3)]
    settings = TrackingSettings(score=0, birth=0, similarity=0.9)
    job = clip_job(tmp_path, open_bundle(phone_bundle), frames, settings=settings)
    ours, theirs = (succeeded(command, "track", job).of("tracked") for command in (host, arm))
    check_same(ours, theirs, 90, 160)

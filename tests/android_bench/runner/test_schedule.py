"""Key frames and the frames in between, paced or not."""

from itertools import pairwise
from pathlib import Path

import pytest

from tests.android_bench.runner.program import Command, refused, succeeded
from tests.android_bench.runner.tiny import tiny_job

SCHEDULE = ("schedule\tkey\tkeyframe\tfold", "schedule\treuse\treuse")


@pytest.fixture
def job(tmp_path: Path) -> Path:
    return tiny_job(tmp_path, ("keyframe", "fold", "reuse"), *SCHEDULE)


@pytest.mark.parametrize("interval", [1, 3, 6])
def test_one_frame_in_t_is_a_key_frame(host: Command, job: Path, interval: int):
    options = ("--interval", interval, "--frames", 13, "--warmup", 4)
    frames = succeeded(host, "schedule", job, *options).of("frame")
    assert [frame["index"] for frame in frames] == [*range(13)]
    assert [frame["role"] for frame in frames] == [
        "reuse" if i % interval else "key" for i in range(13)
    ]
    unpaced = ("late_ns", "missed", "start_late_ns", "slot")
    assert all(frame[name] is None for frame in frames for name in unpaced)
    assert all(before["at_ns"] + before["ns"] <= f["at_ns"] for before, f in pairwise(frames))


def test_at_a_rate_that_is_too_high_frames_are_missed_and_lost(host: Command, job: Path):
    options = ("--fps", 1_000_000, "--frames", 50, "--warmup", 3, "--interval", 2)
    frames = succeeded(host, "schedule", job, *options).of("frame")
    assert any(frame["missed"] for frame in frames)
    period_ns = 1000
    for frame, after in pairwise(frames):
        assert frame["missed"] == (frame["late_ns"] > 0)
        lost = after["slot"] - frame["slot"] - 1
        # The next frame starts with the first arrival behind this one's end.
        assert lost == max(0, -(-frame["late_ns"] // period_ns))
        assert after["start_late_ns"] >= 0
    assert frames[0]["slot"] >= 3  # warm-up lies on the same grid
    assert [frame["role"] for frame in frames[:3]] == ["key", "reuse", "key"]


def test_at_a_low_rate_every_arrival_is_met(host: Command, job: Path):
    """Ten frames a second, of a microsecond each: late only on a machine that stands still."""
    options = ("--fps", 10, "--frames", 5, "--warmup", 1, "--interval", 5)
    frames = succeeded(host, "schedule", job, *options).of("frame")
    for frame, after in pairwise(frames):
        met = not frame["missed"]
        assert met == (frame["late_ns"] <= 0) == (after["slot"] == frame["slot"] + 1)
    period_ns, wait_ns = 10**8, frames[-1]["at_ns"] - frames[0]["at_ns"]
    slots = frames[-1]["slot"] - frames[0]["slot"]
    assert wait_ns > (slots - 1) * period_ns  # it did wait


@pytest.mark.parametrize(
    ("records", "interval", "says"),
    [
        ((), 6, "no 'schedule' record for key"),
        (SCHEDULE[1:], 1, "no 'schedule' record for key"),
        (SCHEDULE[:1], 2, "no 'schedule' record for reuse"),
    ],
)
def test_a_job_without_the_roles_is_refused(
    host: Command, tmp_path: Path, records: tuple[str, ...], interval: int, says: str
):
    job = tiny_job(tmp_path, ("keyframe", "fold", "reuse"), *records)
    assert says in refused(host, 3, ("schedule", job, "--interval", interval))


def test_key_frames_alone_need_no_reuse_graph(host: Command, tmp_path: Path):
    job = tiny_job(tmp_path, ("keyframe", "fold"), SCHEDULE[0])
    frames = succeeded(host, "schedule", job, "--interval", 1, "--frames", 2).of("frame")
    assert [frame["role"] for frame in frames] == ["key", "key"]

"""What is kept of a walk: times, how far the masks agree, and the tracks that were found."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from mobileinst_deploy.curve.agreement import Tally, tally_video
from mobileinst_deploy.curve.overlaps import FrameOverlap, compare_frames
from mobileinst_deploy.curve.result import Samples
from mobileinst_deploy.curve.walking import Step
from mobileinst_deploy.evaluation.clips import Clip
from mobileinst_deploy.evaluation.judging import Judge, found_tracks
from mobileinst_deploy.evaluation.results import FoundTrack
from mobileinst_deploy.tracking.frames import TrackedFrame, TrackSummary
from mobileinst_deploy.tracking.results import Collector


@dataclass
class Record:
    """Of one setup; grows frame by frame."""

    judge: Judge | None
    steps: list[Step] = field(default_factory=list)  # without their masks
    tally: Tally = field(default_factory=Tally)
    found: list[FoundTrack] = field(default_factory=list)
    overlaps: list[FrameOverlap] = field(default_factory=list)  # of this video
    collector: Collector = field(default_factory=Collector)  # of this video

    def add(self, step: Step, reference: TrackedFrame) -> None:
        """`reference`: what T = 1 made of the frame."""
        self.overlaps.append(compare_frames(reference.instances, step.tracked.instances))
        if self.judge:
            self.collector.add(step.tracked)
        self.steps.append(without_masks(step))

    def end_video(self, clip: Clip, summaries: Sequence[TrackSummary]) -> None:
        self.tally += tally_video(self.overlaps)
        if self.judge:
            self.found += found_tracks(self.judge, clip, self.collector, summaries)
        self.overlaps, self.collector = [], Collector()


def without_masks(step: Step) -> Step:
    tracked = step.tracked
    kept = TrackedFrame(tracked.index, tracked.is_keyframe, (), tracked.times)
    return Step(kept, step.live, step.core, step.ended_ns)


def as_samples(steps: Sequence[Step], started_ns: int) -> Samples:
    times = [step.tracked.times for step in steps]
    return Samples(
        keyframes=tuple(step.tracked.is_keyframe for step in steps),
        live=tuple(step.live for step in steps),
        preprocess_ms=tuple(one.preprocess_ms for one in times),
        graphs_ms=tuple(one.graphs_ms for one in times),
        tracker_ms=tuple(one.tracker_ms for one in times),
        masks_ms=tuple(one.masks_ms for one in times),
        cores=tuple(step.core for step in steps),
        at_ms=tuple((step.ended_ns - started_ns) / 1e6 for step in steps),
    )

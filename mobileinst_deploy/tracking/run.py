"""A whole source through a tracker, frame by frame, into whoever wants the frames."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from time import perf_counter

from mobileinst_deploy.tracking.frames import StepTimes, TrackedFrame, TrackSummary
from mobileinst_deploy.tracking.video_tracker import VideoTracker
from models.frames import Frame

OnFrame = Callable[[TrackedFrame], None]
Elsewhere = Callable[[Iterable[Frame], OnFrame], Iterable[TrackSummary]]
Sink = Callable[[Frame, TrackedFrame], None]  # may draw, write, count; frames come in order


@dataclass(frozen=True)
class Step:
    is_keyframe: bool
    times: StepTimes


@dataclass
class Recorder:
    """A sink that keeps what each frame cost."""

    steps: list[Step] = field(default_factory=list)

    def __call__(self, frame: Frame, tracked: TrackedFrame) -> None:
        self.steps.append(Step(tracked.is_keyframe, tracked.times))


@dataclass(frozen=True)
class TrackingRun:
    """What is left when the frames are gone."""

    steps: tuple[Step, ...]  # a frame each
    summaries: tuple[TrackSummary, ...]
    elapsed_s: float  # decoding and the sinks included
    best_score: float | None  # of all queries of all keyframes; None where nobody knows


def track_frames(
    tracker: VideoTracker, frames: Iterable[Frame], sinks: Sequence[Sink]
) -> TrackingRun:
    """Raises what the frames, the tracker and the sinks raise; these have got all until then."""
    recorder, started = Recorder(), perf_counter()
    every: tuple[Sink, ...] = (recorder, *sinks)
    for frame in frames:
        tracked = tracker.track(frame)
        for sink in every:
            sink(frame, tracked)
    return TrackingRun(
        tuple(recorder.steps),
        tuple(tracker.summaries()),
        perf_counter() - started,
        tracker.tracker.best_score,
    )


def track_elsewhere(
    track: Elsewhere,
    frames: Iterable[Frame],
    again: Iterable[Frame],
    sinks: Sequence[Sink],
) -> TrackingRun:
    """For a tracker in another process, which takes all frames before it gives the first back.

    `again` are the same frames once more, so that none is kept until its masks are there.
    """
    recorder, started = Recorder(), perf_counter()
    every: tuple[Sink, ...] = (recorder, *sinks)
    pictures = iter(again)

    def pass_on(tracked: TrackedFrame) -> None:
        frame = next(pictures)
        for sink in every:
            sink(frame, tracked)

    summaries = tuple(track(frames, pass_on))
    return TrackingRun(tuple(recorder.steps), summaries, perf_counter() - started, None)

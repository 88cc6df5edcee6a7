"""All trackers walk the same frames: each frame goes to all before the next one comes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter_ns

import numpy as np

from android_bench.measurement.conditions import current_core
from mobileinst_deploy.curve.setups import Setup
from mobileinst_deploy.errors import RunError
from mobileinst_deploy.tracking.frames import TrackedFrame
from mobileinst_deploy.tracking.video_tracker import VideoTracker
from models.frames import Frame


@dataclass(frozen=True, eq=False)
class Step:
    """What one tracker made of one frame."""

    tracked: TrackedFrame
    live: int  # kernels, after it
    core: int  # where the thread was when it was done
    ended_ns: int


def walk(
    frames: Iterable[Frame],
    setups: Sequence[Setup],
    trackers: Sequence[VideoTracker],
    generator: np.random.Generator,
) -> Iterator[list[Step]]:
    """A list for each frame, in the order of the setups, whatever the order of the work was.

    Raises RunError, with the setup and the frame, where a graph fails.
    """
    for frame in frames:
        order = generator.permutation(len(trackers)).tolist()
        done = {place: take_step(setups[place], trackers[place], frame) for place in order}
        yield [done[place] for place in range(len(trackers))]


def take_step(setup: Setup, tracker: VideoTracker, frame: Frame) -> Step:
    try:
        tracked = tracker.track(frame)
    except RunError as error:
        raise RunError(f"{setup.runtime.name}, T = {setup.name}: {error}") from error
    return Step(tracked, len(tracker.tracker.live), current_core(), perf_counter_ns())

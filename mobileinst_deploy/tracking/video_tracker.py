"""A video, frame by frame: keyframe or reuse, tracker, masks of the picture's size."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from time import perf_counter_ns
from typing import Any, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from export.manifest import Bundle
from mobileinst_deploy.errors import InputError, RunError
from mobileinst_deploy.feeding import fitting, frame_name, graph_image
from mobileinst_deploy.runtimes.base import Arrays
from mobileinst_deploy.tracking.frames import Instance, StepTimes, TrackedFrame, TrackSummary
from mobileinst_deploy.tracking.masks import View, find_view, picture_masks
from mobileinst_deploy.tracking.network import Network
from mobileinst_deploy.tracking.schedule import SinceKeyframe, is_keyframe, sample_picture
from mobileinst_deploy.tracking.settings import ScheduleSettings, TrackingSettings
from mobileinst_deploy.tracking.tracker import Sighting, Tracker
from models.frames import Frame

P = ParamSpec("P")
Result = TypeVar("Result")


class VideoTracker:
    """Tracks the frames of one video, which have to come in order."""

    def __init__(
        self,
        bundle: Bundle,
        network: Network,
        schedule: ScheduleSettings,
        settings: TrackingSettings,
    ) -> None:
        self.bundle = bundle
        self.network = network
        self.schedule = schedule
        self.tracker = Tracker(settings, network.count)
        self.since: SinceKeyframe | None = None
        self.state: Arrays | None = None  # of the reuse graph; None where no kernel is live
        self.size: tuple[int, int] | None = None  # height and width of the first picture
        self.graph_ns = 0  # spent in graphs for this frame

    def track(self, frame: Frame) -> TrackedFrame:
        """Raises InputError where the picture's size changes; RunError where a graph fails."""
        self.check_size(frame)
        started = perf_counter_ns()
        fitted = fitting(self.bundle, frame)
        image = graph_image(self.bundle, fitted)
        preprocessed = perf_counter_ns()
        try:
            key, sightings = self.see(frame.picture, image)
        except RunError as error:
            raise RunError(f"{frame_name(frame)}: {error}") from error
        tracked = perf_counter_ns()
        instances = self.instances(sightings, self.view(frame, fitted))
        ended = perf_counter_ns()
        times = StepTimes(
            preprocess_ms=(preprocessed - started) / 1e6,
            graphs_ms=self.graph_ns / 1e6,
            tracker_ms=(tracked - preprocessed - self.graph_ns) / 1e6,
            masks_ms=(ended - tracked) / 1e6,
        )
        return TrackedFrame(frame.index, key, instances, times)

    def see(
        self, picture: NDArray[np.uint8], image: NDArray[Any]
    ) -> tuple[bool, Sequence[Sighting]]:
        """Whether it is a keyframe, and what is in it."""
        self.graph_ns = 0
        sample = sample_picture(picture)
        if is_keyframe(self.since, sample, self.schedule):
            return True, self.keyframe(image, sample)
        return False, self.between(image)

    def keyframe(self, image: NDArray[Any], sample: NDArray[np.uint8]) -> list[Sighting]:
        outputs = self.timed(self.network.keyframe, image)
        sightings = self.tracker.see_keyframe(outputs)
        dim = outputs["kernels"].shape[2]
        live = bool(self.tracker.live) and self.schedule.longest > 1
        self.state = self.timed(self.network.hold, self.tracker.kernels(dim)) if live else None
        confidence = self.tracker.confidence
        self.since = SinceKeyframe(1, sample, confidence, confidence)
        return sightings

    def between(self, image: NDArray[Any]) -> list[Sighting]:
        """Without a live kernel there is nothing to reuse, and the frame is empty."""
        assert self.since is not None
        sightings: list[Sighting] = []
        if self.state is not None:
            masks = self.timed(self.network.reuse, image, self.state)
            sightings = self.tracker.see_reuse(masks)
        self.since = replace(
            self.since, frames=self.since.frames + 1, last_confidence=self.tracker.confidence
        )
        return sightings

    def timed(self, run: Callable[P, Result], *args: P.args, **kwargs: P.kwargs) -> Result:
        started = perf_counter_ns()
        result = run(*args, **kwargs)
        self.graph_ns += perf_counter_ns() - started
        return result

    def instances(self, sightings: Sequence[Sighting], view: View) -> tuple[Instance, ...]:
        if not sightings:
            return ()
        probabilities = np.stack([sighting.probabilities for sighting in sightings])
        masks = picture_masks(probabilities, self.tracker.settings.mask, view)
        return tuple(
            Instance(sighting.identity, sighting.label, sighting.score, mask)
            for sighting, mask in zip(sightings, masks, strict=True)
        )

    def view(self, frame: Frame, fitted: Frame) -> View:
        preprocessing = self.bundle.manifest.preprocessing
        return find_view(size_of(frame), size_of(fitted), preprocessing)

    def summaries(self) -> list[TrackSummary]:
        """Every track so far."""
        return self.tracker.summaries()

    def check_size(self, frame: Frame) -> None:
        size = size_of(frame)
        if self.size is None:
            self.size = size
        if size != self.size:
            raise InputError(
                f"{frame_name(frame)} is {size[0]}x{size[1]}, but the video began with "
                f"{self.size[0]}x{self.size[1]}; give frames of one size"
            )


def size_of(frame: Frame) -> tuple[int, int]:
    """Height and width."""
    height, width, _ = frame.picture.shape
    return height, width

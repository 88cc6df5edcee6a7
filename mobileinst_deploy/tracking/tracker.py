"""A tracker: what it remembers from frame to frame, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from export.live_kernels import sigmoid
from mobileinst_deploy.tracking.frames import TrackSummary
from mobileinst_deploy.tracking.masks import confidences
from mobileinst_deploy.tracking.selection import select
from mobileinst_deploy.tracking.settings import TrackingSettings
from mobileinst_deploy.tracking.tracks import Track, continue_tracks, seen


@dataclass(frozen=True, eq=False)
class LiveKernel:
    """A kernel of the last keyframe that is reused until the next one."""

    identity: int
    score: float
    class_probabilities: NDArray[np.float32]  # [C]
    kernel: NDArray[np.float32]  # [D]


@dataclass(frozen=True, eq=False)
class Sighting:
    """A live kernel's object in one frame, with its track's averages so far."""

    identity: int
    label: int
    score: float
    probabilities: NDArray[np.float32]  # [H/8, W/8]


class Tracker:
    """Takes the graphs' outputs, in the order of the frames, and gives identities."""

    def __init__(self, settings: TrackingSettings, count: int) -> None:
        self.settings = settings
        self.count = count  # live kernels at most
        self.tracks: dict[int, Track] = {}  # those that are remembered, by identity
        self.forgotten: dict[int, TrackSummary] = {}
        self.live: tuple[LiveKernel, ...] = ()
        self.born = 0
        self.best_score = 0.0  # of all queries so far, also of those below the thresholds
        self.confidence = 0.0  # of the last frame's masks: the mean over the live kernels

    def see_keyframe(self, outputs: Mapping[str, NDArray[Any]]) -> list[Sighting]:
        """A keyframe graph's outputs, by our names: new live kernels and their objects."""
        settings = self.settings
        candidates = select(outputs, settings.score, self.count, settings.duplicate)
        self.best_score = max(self.best_score, candidates.best)
        before = tuple(self.tracks.values())
        after = continue_tracks(before, candidates, self.born, settings)
        self.tracks = {track.identity: track for track in after.tracks}
        for track in before:
            if track.identity not in self.tracks:
                self.forgotten[track.identity] = summary(track)
        self.born = after.born
        self.live = tuple(
            LiveKernel(
                identity,
                float(candidates.scores[place]),
                candidates.class_probabilities[place],
                candidates.kernels[place],
            )
            for place, identity in after.live
        )
        return self.sight(candidates.mask_logits[[place for place, _ in after.live]])

    def see_reuse(self, mask_logits: NDArray[np.float32]) -> list[Sighting]:
        """A reuse graph's masks [1, n, H/8, W/8]; those behind the live kernels are padding."""
        return self.sight(mask_logits[0, : len(self.live)])

    def sight(self, mask_logits: NDArray[np.float32]) -> list[Sighting]:
        """One mask a live kernel. A mask without a pixel above the threshold is not sighted."""
        probabilities = sigmoid(mask_logits)
        sure = confidences(probabilities, self.settings.mask)
        self.confidence = float(sure.mean()) if len(sure) else 0.0
        sightings = []
        for kernel, probability, confidence in zip(self.live, probabilities, sure, strict=True):
            if confidence == 0:
                continue
            before = self.tracks[kernel.identity]
            track = seen(before, kernel.score * float(confidence), kernel.class_probabilities)
            self.tracks[kernel.identity] = track
            sightings.append(Sighting(kernel.identity, track.label, track.score, probability))
        return sightings

    def kernels(self, dim: int) -> NDArray[np.float32]:
        """The live kernels by the padding rule: [1, count, dim], zeros behind them."""
        padded = np.zeros((1, self.count, dim), np.float32)
        for place, kernel in enumerate(self.live):
            padded[0, place] = kernel.kernel
        return padded

    def summaries(self) -> list[TrackSummary]:
        """Every track so far that had a pixel, by identity."""
        every = {**self.forgotten, **{i: summary(track) for i, track in self.tracks.items()}}
        return [one for _, one in sorted(every.items()) if one.frames]


def summary(track: Track) -> TrackSummary:
    return TrackSummary(track.identity, track.label, track.score, track.frames)

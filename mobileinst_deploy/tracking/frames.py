"""What comes out of tracking, frame by frame."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]  # [h, w] of the picture


@dataclass(frozen=True, eq=False)
class Instance:
    """One object in one frame. Its identity is the same in all frames of the video."""

    identity: int  # from 1, in the order of birth
    label: int  # the class's index, by the average over the track so far
    score: float  # 0..1, the average over the track so far
    mask: Mask


@dataclass(frozen=True)
class StepTimes:
    """What one frame cost; decoding and drawing are not in it."""

    preprocess_ms: float
    graphs_ms: float
    tracker_ms: float  # selection, association, schedule and averages
    masks_ms: float  # from mask logits to masks of the picture's size

    @property
    def total_ms(self) -> float:
        return self.preprocess_ms + self.graphs_ms + self.tracker_ms + self.masks_ms


@dataclass(frozen=True, eq=False)
class TrackedFrame:
    index: int  # in the video, from 0
    is_keyframe: bool
    instances: tuple[Instance, ...]  # by descending score of the keyframe's kernels
    times: StepTimes


@dataclass(frozen=True)
class TrackSummary:
    """A track over its whole video."""

    identity: int
    label: int  # the class of the highest probability, averaged over its frames
    score: float  # 0..1, averaged over the frames in which it has pixels
    frames: int  # in which it has pixels

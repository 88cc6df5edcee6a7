"""What a tracker can be told: when a frame is a keyframe, and which kernels live and meet again."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ScheduleSettings:
    """A keyframe every T frames; adaptive where the two intervals differ.

    An adaptive schedule has a keyframe after `longest` frames at the latest and after `shortest` at
    the earliest, as soon as one of two cheap signals asks for one: the picture changed, or the
    masks became less sure than they were in the keyframe.
    """

    shortest: int = 3  # frames from keyframe to keyframe
    longest: int = 3
    # Mean absolute difference of sampled pixels from the keyframe's, of 255. On real clips motion
    # of two frames reaches 35, cuts begin at 50: docs/tracking.md.
    picture_change: float = 40.0
    # Fraction of the keyframe's mask confidence that may be lost.
    confidence_drop: float = 0.15

    def __post_init__(self) -> None:
        if not 1 <= self.shortest <= self.longest:
            intervals = f"{self.shortest} and {self.longest}"
            raise ValueError(f"expected 1 <= shortest <= longest interval, got {intervals}")
        if not 0 < self.picture_change <= 255:
            raise ValueError(f"expected a picture change in (0, 255], got {self.picture_change}")
        if not 0 < self.confidence_drop < 1:
            raise ValueError(f"expected a confidence drop in (0, 1), got {self.confidence_drop}")

    @property
    def adaptive(self) -> bool:
        return self.shortest < self.longest


def every(interval: int) -> ScheduleSettings:
    """A keyframe every `interval` frames."""
    return ScheduleSettings(interval, interval)


@dataclass(frozen=True)
class TrackingSettings:
    """Thresholds are on scores and probabilities in 0..1 and on cosines in -1..1."""

    score: float = 0.1  # a kernel of a lower score is dropped
    birth: float = 0.3  # a kernel that continues no track begins one from this score on
    similarity: float = 0.5  # two kernels whose cosine is not above it are of different objects
    memory: int = 5  # keyframes that a lost track waits to be seen again
    mask: float = 0.45  # a pixel is the object's above this probability, as in SparseInst
    # A kernel whose cosine with a better one of its keyframe is above it is dropped; 1: none is.
    duplicate: float = 1.0

    def __post_init__(self) -> None:
        for name in ("score", "birth", "mask"):
            if not 0 <= (value := getattr(self, name)) <= 1:
                raise ValueError(f"expected a {name} threshold in [0, 1], got {value}")
        for name in ("similarity", "duplicate"):
            if not -1 <= (value := getattr(self, name)) <= 1:
                raise ValueError(f"expected a {name} in [-1, 1], got {value}")
        if self.memory < 0:
            raise ValueError(f"expected a memory of 0 or more keyframes, got {self.memory}")

"""When a frame is a keyframe."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mobileinst_deploy.tracking.settings import ScheduleSettings

ROWS, COLUMNS = 18, 32  # sampled pixels, in the middles of as many equal parts


@dataclass(frozen=True, eq=False)
class SinceKeyframe:
    """What the schedule knows when a frame comes."""

    frames: int  # that this frame lies behind the keyframe
    sample: NDArray[np.uint8]  # of the keyframe's picture
    confidence: float  # of the keyframe's masks
    last_confidence: float  # of the masks of the frame before this one


def is_keyframe(
    since: SinceKeyframe | None, sample: NDArray[np.uint8], settings: ScheduleSettings
) -> bool:
    """The first frame is; between `shortest` and `longest` a signal decides."""
    if since is None or since.frames >= settings.longest:
        return True
    if since.frames < settings.shortest:
        return False
    changed = picture_change(since.sample, sample) > settings.picture_change
    kept = since.confidence * (1 - settings.confidence_drop)
    return changed or since.last_confidence < kept or since.confidence == 0


def sample_picture(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """[h, w, 3] -> [18, 32, 3]: a few pixels as they are."""
    rows, columns = middles(picture.shape[0], ROWS), middles(picture.shape[1], COLUMNS)
    return picture[np.ix_(rows, columns)]


def middles(length: int, parts: int) -> NDArray[np.intp]:
    return (2 * np.arange(parts) + 1) * length // (2 * parts)


def picture_change(sample: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Mean absolute difference, 0..255."""
    return float(np.abs(sample.astype(np.int64) - other).mean())

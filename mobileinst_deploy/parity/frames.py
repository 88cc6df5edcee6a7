"""Which frames a comparison runs on."""

from itertools import cycle, islice
from pathlib import Path

from export.manifest import Bundle
from mobileinst_deploy.errors import InputError
from mobileinst_deploy.parity.cases import golden_frames
from mobileinst_deploy.video import read_run, read_spread
from models.frames import Frame

VIDEO_FRAMES = 4  # of a video, where no number is given


def choose_frames(bundle: Bundle, video: Path | None, count: int | None) -> tuple[Frame, ...]:
    """Frames spread over the video; none where the golden ones are meant.

    Raises InputError where there are fewer of these than `count`.
    """
    if video:
        return tuple(read_spread(video, count or VIDEO_FRAMES))
    golden = len(bundle.manifest.golden)
    if count is not None and count > golden:
        raise InputError(
            f"{count} frames were asked for, but {bundle.path} has {golden} golden ones: "
            "ask for fewer, or give a --video"
        )
    return ()


def sequence_frames(bundle: Bundle, video: Path | None, count: int) -> tuple[Frame, ...]:
    """A keyframe and `count` frames behind it: the video's first ones, or golden ones in turn."""
    if video:
        return tuple(read_run(video, count + 1))
    return tuple(islice(cycle(golden_frames(bundle)), count + 1))

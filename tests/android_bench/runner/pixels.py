"""Clips to track as jobs on disk: of graphs that read their outputs off the picture, or of any."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from export.manifest import Bundle
from mobileinst_deploy.tracking.native_clip import store_clip
from mobileinst_deploy.tracking.native_job import tracking_job, with_clip
from mobileinst_deploy.tracking.settings import ScheduleSettings, TrackingSettings, every
from models.frames import Frame
from tests.android_bench.runner.bundled import write_job
from tests.mobileinst_deploy.tracking.pixel_bundle import write_pixel_bundle
from tests.mobileinst_deploy.tracking.random_shots import random_frames

EVERY_THIRD, DEFAULTS = every(3), TrackingSettings()


def clip_job(
    folder: Path,
    bundle: Bundle,
    frames: Sequence[Frame],
    schedule: ScheduleSettings = EVERY_THIRD,
    settings: TrackingSettings = DEFAULTS,
) -> Path:
    (folder / "clip").mkdir()
    clip = store_clip(folder / "clip", frames)
    assert clip is not None
    job = tracking_job(bundle, "fp32", schedule, settings)
    return write_job(with_clip(job, clip), folder).path


def pixel_job(folder: Path, frames: int, texts: Mapping[str, str] | None = None) -> Path:
    """`texts` are ncnn's, in the place of a graph's own."""
    bundle = write_pixel_bundle(folder / "bundle", texts)
    return clip_job(folder, bundle, random_frames(0, frames))

"""A clip tracked by the native runner, on this machine or on a phone."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from android_bench.device.facts import choose_core
from android_bench.errors import BenchError, DeviceError
from android_bench.measurement.phone_measurement import check_arithmetic
from android_bench.remote.host_session import run_on_host
from android_bench.remote.run_log import Event, RunLog, Track, Tracked, TrackedInstance
from android_bench.remote.session import Session
from android_bench.remote.store import Progress, no_progress
from export.manifest import Bundle, Precision
from mobileinst_deploy.bench.phone_runner import runner_for
from mobileinst_deploy.errors import RunError
from mobileinst_deploy.runtimes.native import needed_runner
from mobileinst_deploy.tracking.contract import FOLDED
from mobileinst_deploy.tracking.frames import Instance, StepTimes, TrackedFrame, TrackSummary
from mobileinst_deploy.tracking.native_clip import StoredClip, store_clip
from mobileinst_deploy.tracking.native_job import tracking_job, with_clip
from mobileinst_deploy.tracking.rle import decode
from mobileinst_deploy.tracking.settings import ScheduleSettings, TrackingSettings
from models.frames import Frame

OnFrame = Callable[[TrackedFrame], None]
COMMAND = "track"


def track_on_host(
    bundle: Bundle,
    precision: Precision,
    frames: Iterable[Frame],
    schedule: ScheduleSettings,
    settings: TrackingSettings,
    *,
    reuse: str = FOLDED,
    core: int | None = None,
    on_frame: OnFrame,
) -> list[TrackSummary]:
    """Writes the whole clip into a temporary folder first: height × width × 3 bytes a frame.

    Raises BundleError where the bundle lacks what is needed, DeviceError without a runner or the
    core, InputError where the picture's size changes, RunError where the run fails.
    """
    runner, pinned = needed_runner(), () if core is None else ("--core", str(core))
    job = tracking_job(bundle, precision, schedule, settings, reuse)
    with tempfile.TemporaryDirectory(prefix="mobileinst-clip-") as name:
        clip = store_clip(Path(name), frames)
        if clip is None:
            return []
        with failing_as_runs():
            log = run_on_host(
                Path(name),
                with_clip(job, clip),
                runner.path,
                COMMAND,
                pinned,
                on_event=told(clip, on_frame),
            )
    return summaries(log)


def track_on_phone(
    bundle: Bundle,
    precision: Precision,
    frames: Iterable[Frame],
    schedule: ScheduleSettings,
    settings: TrackingSettings,
    session: Session,
    *,
    reuse: str = FOLDED,
    core: str = "",
    on_frame: OnFrame,
    progress: Progress = no_progress,
) -> list[TrackSummary]:
    """The same on a phone, on a core of that cluster or number ("": one of the fastest).

    The clip is pushed like the graphs, and needs as much room in the phone's storage. What lies
    there already is not pushed again. Raises DeviceError, too, where the phone is lost or unfit.
    """
    check_arithmetic(session.facts, {f"ncnn:{precision}": precision})
    runner, chosen = runner_for(session.facts), choose_core(session.facts, core)
    job = tracking_job(bundle, precision, schedule, settings, reuse)
    with tempfile.TemporaryDirectory(prefix="mobileinst-clip-") as name:
        clip = store_clip(Path(name), frames)
        if clip is None:
            return []
        with failing_as_runs():
            log = session.run(
                with_clip(job, clip),
                runner.path,
                COMMAND,
                ("--core", str(chosen)),
                on_event=told(clip, on_frame),
                progress=progress,
            )
    return summaries(log)


@contextmanager
def failing_as_runs() -> Iterator[None]:
    """A run that fails is a RunError; a device that is lost or unfit stays a DeviceError."""
    try:
        yield
    except DeviceError:
        raise
    except BenchError as error:
        raise RunError(str(error)) from error


def told(clip: StoredClip, on_frame: OnFrame) -> Callable[[Event], None]:
    def hear(event: Event) -> None:
        if isinstance(event, Tracked):
            on_frame(tracked_frame(event, clip))

    return hear


def tracked_frame(event: Tracked, clip: StoredClip) -> TrackedFrame:
    instances = (instance(each, clip) for each in event.instances)
    times = StepTimes(
        event.preprocess_ns / 1e6,
        event.graphs_ns / 1e6,
        event.tracker_ns / 1e6,
        event.masks_ns / 1e6,
    )
    index = clip.indices[event.index]
    return TrackedFrame(index, event.role == "key", tuple(instances), times)


def instance(each: TrackedInstance, clip: StoredClip) -> Instance:
    mask = decode(each.counts, clip.height, clip.width)
    return Instance(each.identity, each.label, each.score, mask)


def summaries(log: RunLog) -> list[TrackSummary]:
    tracks = log.of(Track)
    return [TrackSummary(one.identity, one.label, one.score, one.frames) for one in tracks]

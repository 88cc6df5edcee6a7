"""Every video of the ground truth through a tracker, in several runtimes and intervals."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from export.manifest import Bundle
from mobileinst_deploy.errors import RunError
from mobileinst_deploy.evaluation.clips import Clip
from mobileinst_deploy.evaluation.judging import Judge, found_tracks
from mobileinst_deploy.evaluation.results import FoundTrack
from mobileinst_deploy.runtimes.base import Runtime
from mobileinst_deploy.tracking.network import Network, load_network
from mobileinst_deploy.tracking.results import Collector
from mobileinst_deploy.tracking.settings import TrackingSettings, every
from mobileinst_deploy.tracking.video_tracker import VideoTracker
from models.frames import Frame

Progress = Callable[[str, int, int], None]  # what is done, how much of it is, how much there is
Load = Callable[[Bundle, Runtime], Network]


@dataclass(frozen=True)
class Setup:
    runtime: Runtime
    interval: int  # frames from keyframe to keyframe

    @property
    def name(self) -> str:
        return f"{self.runtime.name}, T = {self.interval}"


def track_videos(
    bundle: Bundle,
    setups: Sequence[Setup],
    clips: Sequence[Clip],
    judge: Judge,
    settings: TrackingSettings,
    progress: Progress,
    load: Load = load_network,
) -> dict[Setup, list[FoundTrack]]:
    """A video's frames are decoded once, and one video is held at a time.

    Raises InputError where a picture can't be read, BundleError, RunError.
    """
    runtimes = dict.fromkeys(setup.runtime for setup in setups)
    networks = {runtime: load(bundle, runtime) for runtime in runtimes}
    found: dict[Setup, list[FoundTrack]] = {setup: [] for setup in setups}
    done, total = count(1), len(setups) * sum(clip.length for clip in clips)
    for clip in clips:
        frames = clip.load()
        for setup, tracker in trackers(bundle, networks, setups, settings).items():
            collector = Collector()
            for frame in frames:
                track_frame(setup, tracker, frame, collector)
                progress(f"{clip.name}: {setup.name}", next(done), total)
            found[setup] += found_tracks(judge, clip, collector, tracker.summaries())
    return found


def trackers(
    bundle: Bundle,
    networks: Mapping[Runtime, Network],
    setups: Sequence[Setup],
    settings: TrackingSettings,
) -> dict[Setup, VideoTracker]:
    """Which remember nothing; those of a runtime share its sessions."""
    return {
        setup: VideoTracker(bundle, networks[setup.runtime], every(setup.interval), settings)
        for setup in setups
    }


def track_frame(setup: Setup, tracker: VideoTracker, frame: Frame, collector: Collector) -> None:
    try:
        collector.add(tracker.track(frame))
    except RunError as error:
        raise RunError(f"{setup.name}: {error}") from error

"""What a curve holds, as it is saved: plain data."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from android_bench.files import replace_file
from android_bench.measurement.results import Conditions
from android_bench.measurement.statistics import NoiseFloor
from mobileinst_deploy.curve.agreement import Agreement
from mobileinst_deploy.curve.amortising import Cost
from mobileinst_deploy.evaluation.scores import Scores
from mobileinst_deploy.tracking.settings import ScheduleSettings, TrackingSettings

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Samples:
    """Of every frame, in the order of the walk; the videos one after the other."""

    keyframes: tuple[bool, ...]
    live: tuple[int, ...]  # kernels; with none, the reuse graph is not run
    preprocess_ms: tuple[float, ...]
    graphs_ms: tuple[float, ...]
    tracker_ms: tuple[float, ...]
    masks_ms: tuple[float, ...]
    cores: tuple[int, ...]
    at_ms: tuple[float, ...]  # when the frame was done, since the walk began

    @property
    def total_ms(self) -> tuple[float, ...]:
        steps = (self.preprocess_ms, self.graphs_ms, self.tracker_ms, self.masks_ms)
        return tuple(map(sum, zip(*steps, strict=True)))


@dataclass(frozen=True)
class Point:
    """One keyframe interval in one runtime. Costs are of a frame, amortised over the interval."""

    keyframes: int
    idle: int  # frames without a live kernel: no graph of reuse ran, and they are not counted
    graphs: Cost  # keyframe, fold and reuse graph alone
    total: Cost  # with the three steps below
    preprocess_ms: float
    tracker_ms: float  # selection, association, schedule and averages
    masks_ms: float  # from mask logits to masks of the picture's size
    key_graphs_ms: float  # median of the keyframes: keyframe graph, and fold where T > 1
    reuse_graphs_ms: float | None  # median of the other frames; None where there are none
    tracker_share: float | None  # of them: the tracker's time over the reuse graph's
    agreement: Agreement  # with T = 1, of the same runtime
    scores: Scores | None  # None without ground truth
    samples: Samples


@dataclass(frozen=True)
class RuntimeCurve:
    precision: str
    graphs_noise: NoiseFloor  # of T = 1, walked twice
    total_noise: NoiseFloor
    points: dict[str, Point]  # by the schedule: "1", "3", or "2:10" where it is adaptive
    control: Samples  # of T = 1's second walk


@dataclass(frozen=True)
class CurveResult:
    schema_version: int
    bundle: str
    manifest_sha256: str
    frames: int
    videos: int
    tracking: TrackingSettings
    schedules: dict[str, ScheduleSettings]  # by name
    runtimes: dict[str, RuntimeCurve]  # by name
    conditions: Conditions
    warnings: tuple[str, ...]


def encode(result: CurveResult) -> bytes:
    """Indented JSON with a line's end after it."""
    return msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n"


def save(result: CurveResult, path: Path) -> None:
    """Replaces what is there, whole or not at all. Raises OSError."""
    replace_file(path, encode(result))

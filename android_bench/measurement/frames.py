"""A run of the key frame schedule, frame after frame: what it found, and its summary."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec

from android_bench.errors import BenchError
from android_bench.measurement import statistics
from android_bench.measurement.statistics import Interval

Role = Literal["key", "reuse"]
ROLES: tuple[Role, ...] = ("key", "reuse")
Milliseconds = Annotated[float, msgspec.Meta(ge=0)]


@dataclass(frozen=True)
class Frame:
    index: int  # from 0
    role: Role
    ms: Milliseconds  # of all graphs that the frame runs
    core: int
    late_ms: float | None  # done so long after its deadline; below 0: before; None: no fixed rate
    missed: bool | None  # its deadline, which is the next frame's arrival
    slot: int | None  # which of the camera's frames it is; those between two were lost
    frequency_khz: int | None


@dataclass(frozen=True)
class RoleTiming:
    """Of the key frames, or of all others."""

    frames: int
    median_ms: Milliseconds
    ci95_ms: Interval  # of the median
    p90_ms: Milliseconds
    p99_ms: Milliseconds
    max_ms: Milliseconds


@dataclass(frozen=True)
class Lateness:
    """Percentiles over all frames; a negative one is the time that was left."""

    p50_ms: float
    p90_ms: float
    p99_ms: float
    max_ms: float


@dataclass(frozen=True)
class ScheduleRun:
    """One frame in `interval` is a key frame; `fps` is the camera's rate, None: as fast as can."""

    runtime: str
    precision: str
    interval: int
    fps: float | None
    key: tuple[str, ...]  # the graphs that a key frame runs
    reuse: str  # and every other
    frames: tuple[Frame, ...]
    roles: dict[Role, RoleTiming]
    mean_ms: Milliseconds  # of a frame
    missed: int | None  # deadlines
    lost: int | None  # frames that came while another was still at work
    lateness: Lateness | None


def check_frames(frames: Sequence[Frame], count: int, interval: int, core: int) -> None:
    """Raises BenchError unless every frame is there, in order, in its role and on the core."""
    if [frame.index for frame in frames] != list(range(count)):
        raise BenchError(
            f"expected the frames 0 to {count - 1} in order, got {len(frames)}; measure again"
        )
    for frame in frames:
        role = ROLES[min(frame.index % interval, 1)]
        if frame.role != role:
            raise BenchError(
                f"frame {frame.index} ran as a {frame.role} frame, expected {role} "
                f"with one key frame in {interval}; build the runner again"
            )
    if strays := sorted({frame.core for frame in frames} - {core}):
        raise BenchError(
            f"frames ran on another core than {core} ({', '.join(map(str, strays))}), "
            "so the schedule's figures are refused"
        )


def summarise_roles(frames: Iterable[Frame]) -> dict[Role, RoleTiming]:
    """Of the roles that occur."""
    series = {role: [frame.ms for frame in frames if frame.role == role] for role in ROLES}
    return {role: role_timing(samples) for role, samples in series.items() if samples}


def role_timing(samples_ms: Sequence[float]) -> RoleTiming:
    return RoleTiming(
        len(samples_ms),
        statistics.median(samples_ms),
        statistics.median_ci95(samples_ms),
        statistics.percentile(samples_ms, 90),
        statistics.percentile(samples_ms, 99),
        max(samples_ms),
    )


def lateness(frames: Iterable[Frame]) -> Lateness | None:
    """None where no frame had a deadline."""
    late_ms = [frame.late_ms for frame in frames if frame.late_ms is not None]
    if not late_ms:
        return None
    return Lateness(*(statistics.percentile(late_ms, percent) for percent in (50, 90, 99, 100)))


def missed(frames: Iterable[Frame]) -> int | None:
    """None where no frame had a deadline."""
    verdicts = [frame.missed for frame in frames if frame.missed is not None]
    return sum(verdicts) if verdicts else None


def lost(frames: Sequence[Frame]) -> int | None:
    """None where there was no camera's rate."""
    slots = [frame.slot for frame in frames if frame.slot is not None]
    return slots[-1] - slots[0] + 1 - len(slots) if slots else None

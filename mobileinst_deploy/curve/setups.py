"""What a curve compares: every keyframe interval in every runtime."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mobileinst_deploy.runtimes.base import Runtime
from mobileinst_deploy.tracking.settings import ScheduleSettings, TrackingSettings, every

REFERENCE = "1"  # a keyframe each frame: what the others are compared with
CONTROL = "1 again"  # once more, for the noise floor


@dataclass(frozen=True)
class Setup:
    """A tracker that walks the frames."""

    runtime: Runtime
    name: str  # of the schedule, in the result: "3", or "2:10" where it is adaptive
    schedule: ScheduleSettings


@dataclass(frozen=True)
class CurveSettings:
    schedules: Mapping[str, ScheduleSettings]  # by name
    tracking: TrackingSettings
    core: int | None = None  # None: the last that is allowed
    warmup: int = 6  # frames that are walked before those that count
    seed: int = 0  # of the order within a frame


def make_setups(
    runtimes: Sequence[Runtime], schedules: Mapping[str, ScheduleSettings]
) -> tuple[Setup, ...]:
    """The reference and its control, then the others in their order."""
    named = {REFERENCE: every(1), CONTROL: every(1), **schedules}
    return tuple(Setup(runtime, *row) for runtime in runtimes for row in named.items())

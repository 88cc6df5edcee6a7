"""What run.sh writes on the device, and what is said in the zip about the runs that it starts.

The document is complete: it is read without the bundle that it came from.
"""

from typing import Annotated, Literal

import msgspec

from android_bench.errors import BenchError
from android_bench.measurement.measuring import AskedSchedule
from android_bench.measurement.results import RanFile
from android_bench.remote.run_log import Event

FORMAT = "mobileinst-farm"
VERSION = 1

Name = Annotated[str, msgspec.Meta(min_length=1)]
Lines = tuple[str, ...]  # what is not printable ASCII is a "?" in them


class Fixed(msgspec.Struct, frozen=True, kw_only=True):
    """Fields that are not known are passed over."""


class PlannedGraph(Fixed, frozen=True):
    key: str  # in the runner's events, and in the result
    runtime: str
    precision: str


class PlannedSchedule(Fixed, frozen=True):
    """One key frame in `interval` frames."""

    runtime: str
    precision: str
    interval: int
    frames: int
    fps: float | None
    key: tuple[str, ...]  # graphs
    reuse: str

    def asked(self, core: int) -> AskedSchedule:
        return AskedSchedule(
            core, self.runtime, self.precision, self.interval, self.frames, self.fps, self.key,
            self.reuse,
        )  # fmt: skip


class FarmPlan(Fixed, frozen=True):
    """Which runs there are: rounds, then the schedules, then the profile."""

    bundle: str
    manifest_sha256: str
    runtimes: tuple[str, ...]
    graphs: tuple[PlannedGraph, ...]  # with the control
    control: str  # its key
    schedules: tuple[PlannedSchedule, ...]
    profile: bool
    seed: int  # of the order within the rounds
    order: str  # the same in words
    inputs: str
    files: tuple[RanFile, ...]  # the runner first, by names that people know

    @property
    def commands(self) -> tuple[str, ...]:
        return ("bench", *("schedule" for _ in self.schedules), *["profile"] * self.profile)


class FarmRun(Fixed, frozen=True):
    """One process of the runner, and all that it said."""

    command: str
    events: tuple[Event, ...]


class FarmCoolDown(Fixed, frozen=True):
    """The wait before; null where no sensor of the CPU can be read."""

    limit_c: float
    waited_s: float
    start_milli_c: int | None  # of the hottest sensor
    end_milli_c: int | None
    reached: bool | None


class FarmDocument(Fixed, frozen=True):
    format: Literal["mobileinst-farm"]
    version: int
    name: Name  # of the device
    core: int
    plan: FarmPlan
    cool_down: FarmCoolDown
    facts: Lines  # of device_facts.sh
    before: Lines  # FILE=CONTENT of the core's clock and the CPU's sensors
    after: Lines  # the rounds
    runs: tuple[FarmRun, ...]


class Labelled(msgspec.Struct, frozen=True):
    """What every version of the document has."""

    format: str | None = None
    version: int | None = None


def is_document(encoded: bytes) -> bool:
    """Whether it says so of itself."""
    try:
        return msgspec.json.decode(encoded, type=Labelled).format == FORMAT
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def decode(encoded: bytes) -> FarmDocument:
    """Raises BenchError where it is another version, or is not as run.sh writes it."""
    version = msgspec.json.decode(encoded, type=Labelled).version
    if version != VERSION:
        raise BenchError(
            f"it is version {version} of what run.sh writes, expected {VERSION}; "
            "make the zip again with this version of mobileinst, and measure again"
        )
    try:
        return msgspec.json.decode(encoded, type=FarmDocument)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BenchError(f"it is not as run.sh writes it: {error}; measure again") from error


def schema() -> bytes:
    """Of the document, as JSON Schema."""
    made = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    made |= msgspec.json.schema(FarmDocument)
    return msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n"

"""What a measurement found, saved and loaded as JSON.

Whoever measures, a host or a phone, fills a `Measurement`; `summary.summarise` makes the result.
Series are in the order of the rounds; one that is empty was not recorded.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import msgspec

from android_bench.device.facts import DeviceFacts
from android_bench.errors import BenchError
from android_bench.files import replace_file
from android_bench.measurement.cooling import CoolDown
from android_bench.measurement.frames import ScheduleRun
from android_bench.measurement.layers import GraphProfile
from android_bench.measurement.statistics import Interval, NoiseFloor
from android_bench.measurement.steadiness import Steadiness

SCHEMA_VERSION = 2
KEYFRAME = "keyframe"  # the graph that every other is compared with
OLDER = {1: "of before phones were measured, without the files and the steadiness of the run"}

Milliseconds = Annotated[float, msgspec.Meta(ge=0)]
Samples = Annotated[tuple[Milliseconds, ...], msgspec.Meta(min_length=2)]
Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Settings = dict[str, str | int]


@dataclass(frozen=True)
class RunnerFacts:
    """The native program that ran graphs, as it says itself."""

    version: str
    sha256: Sha256
    ncnn: str  # the version that is linked into it
    target: str  # aarch64-android, x86_64-linux
    build: str  # Release
    features: tuple[str, ...]  # of the CPU, that ncnn makes use of: asimdhp (fp16), asimddp


@dataclass(frozen=True)
class Conditions:
    """Where and how it was measured; None where the device does not say."""

    device: str  # "host", or the phone's serial
    cpu_model: str | None
    core: int  # the one asked for
    cores_seen: tuple[int, ...]  # the ones that samples ran on
    threads: int
    precision: str
    runtime: str
    runtime_version: str
    runtime_settings: Settings
    warmup: int  # rounds before the ones that count
    iterations: int  # rounds that count
    order: str  # how the graphs take turns
    inputs: str  # what the graphs were fed
    frequency_before_khz: int | None
    frequency_after_khz: int | None
    governor: str | None
    load_average: tuple[float, float, float] | None  # 1, 5, 15 minutes, before measuring
    kernel: str
    platform: str
    cluster: str | None = None  # of the core: prime, big, little
    core_max_khz: int | None = None  # the core's own limit
    busy_elsewhere: float | None = None  # 0..1, of the other cores' time during the rounds
    max_temperature_c: float | None = None  # which the device was to have before; None: any
    temperature_before_c: float | None = None  # of the hottest CPU zone
    temperature_after_c: float | None = None
    runner: RunnerFacts | None = None  # None: no native runner took part


@dataclass(frozen=True)
class GraphSamples:
    """One graph's samples, and what came before them."""

    samples_ms: Samples
    cores: tuple[int, ...]  # of each sample
    load_ms: Milliseconds | None  # None: the program that ran it does not say
    first_ms: Milliseconds  # the first run after loading
    precision: str
    runtime: str
    frequencies_khz: tuple[int | None, ...] = ()  # the core's at each sample
    frequency_limits_khz: tuple[int | None, ...] = ()  # what it was allowed to run at
    at_ms: tuple[float, ...] = ()  # when each sample ended, since the run began
    runs_per_sample: int = 1  # more: a sample is the mean of so many runs in a row
    extremes_ms: tuple[Interval, ...] = ()  # then the shortest and the longest run of each sample


@dataclass(frozen=True, kw_only=True)
class GraphTiming(GraphSamples):
    median_ms: Milliseconds
    ci95_ms: Interval  # of the median
    p90_ms: Milliseconds
    p99_ms: Milliseconds
    min_ms: Milliseconds
    ratio_to_keyframe: float
    ratio_to_keyframe_ci95: Interval


@dataclass(frozen=True)
class ThermalSeries:
    """One sensor during the run."""

    path: str
    type: str | None
    at_ms: tuple[float, ...]  # since the run began
    temperatures_c: tuple[float | None, ...]


@dataclass(frozen=True)
class RanFile:
    """A file that took part: the runner, a graph's parts, an input."""

    name: str
    sha256: Sha256
    size: int  # bytes


@dataclass(frozen=True)
class Measurement:
    """What a device hands over: samples of interleaved rounds, not yet interpreted."""

    bundle: str  # its name
    manifest_sha256: str
    graphs: dict[str, GraphSamples]  # with KEYFRAME among them
    control: GraphSamples  # KEYFRAME once more, loaded on its own
    peak_rss_mib: float | None  # of the whole process
    conditions: Conditions
    device: DeviceFacts | None = None  # None: this machine
    cool_down: CoolDown | None = None  # None: nobody waited for that
    thermal: tuple[ThermalSeries, ...] = ()
    files: tuple[RanFile, ...] = ()
    schedules: dict[str, ScheduleRun] = field(default_factory=dict)  # by runtime
    profile: dict[str, GraphProfile] = field(default_factory=dict)  # by graph


@dataclass(frozen=True)
class BenchResult:
    """`amortised`: the mean cost of a frame over the keyframe graph's, by frames a key frame."""

    schema_version: int
    bundle: str
    manifest_sha256: str
    graphs: dict[str, GraphTiming]
    amortised: dict[str, float]  # keyframe + fold, then reuse_folded
    amortised_ci95: dict[str, Interval]
    amortised_ms: dict[str, Milliseconds]
    amortised_plain: dict[str, float]  # keyframe, then reuse_plain
    amortised_plain_ci95: dict[str, Interval]
    noise_floor: NoiseFloor
    control: GraphTiming  # the keyframe graph's second session, of the noise floor
    peak_rss_mib: float | None
    conditions: Conditions
    warnings: tuple[str, ...]
    device: DeviceFacts | None  # None: the machine that the tool ran on
    emulated: bool  # then the outputs are right, and no time means anything
    steadiness: Steadiness
    cool_down: CoolDown | None  # None: nobody waited for that
    thermal: tuple[ThermalSeries, ...]
    files: tuple[RanFile, ...]
    schedules: dict[str, ScheduleRun]  # by runtime; empty where no interval was asked for
    profile: dict[str, GraphProfile]  # by graph; empty where none was asked for


def encode(result: BenchResult) -> bytes:
    """Indented JSON with a line's end after it."""
    return msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n"


def encode_all(results: Sequence[BenchResult]) -> bytes:
    """As a JSON list."""
    return msgspec.json.format(msgspec.json.encode(results), indent=2) + b"\n"


def save(result: BenchResult, path: Path) -> None:
    """Replaces what is there, whole or not at all. Raises OSError."""
    replace_file(path, encode(result))


def load(path: Path) -> BenchResult:
    """Raises BenchError where the file can't be read or is not a result of this schema."""
    try:
        encoded = path.read_bytes()
        check_version(path, msgspec.json.decode(encoded, type=Versioned).schema_version)
        return msgspec.json.decode(encoded, type=BenchResult)
    except OSError as error:
        raise BenchError(f"can't read {path}: {error.strerror or error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BenchError(f"{path} is not a bench result: {error}; measure again") from error


@dataclass(frozen=True)
class Versioned:
    """What a result of any schema has."""

    schema_version: int


def check_version(path: Path, version: int) -> None:
    """Raises BenchError for another schema than this one."""
    if version == SCHEMA_VERSION:
        return
    known = OLDER.get(version, "which this version of mobileinst does not know")
    raise BenchError(
        f"{path} has schema version {version}, {known}; expected {SCHEMA_VERSION}: measure again"
    )

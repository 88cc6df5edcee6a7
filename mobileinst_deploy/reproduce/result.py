"""What a reproduction holds, as it is saved: plain data. docs/tables.md says what it means."""

from dataclasses import dataclass

import msgspec

from android_bench.device.facts import DeviceFacts
from android_bench.measurement.cooling import CoolDown
from android_bench.measurement.results import (
    Conditions,
    GraphSamples,
    Milliseconds,
    RanFile,
    Sha256,
    ThermalSeries,
)
from android_bench.measurement.statistics import Interval, NoiseFloor
from android_bench.measurement.steadiness import Steadiness

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Macs:
    """Multiply-adds of a keyframe as fvcore counts them, in units of 10⁹."""

    gmacs: float
    params: int
    paper_gmacs: float | None  # None: the paper does not print it


@dataclass(frozen=True)
class Timing:
    """What a frame takes in the graphs alone."""

    graphs: tuple[str, ...]  # that take part in it
    median_ms: Milliseconds
    ci95_ms: Interval  # of the median
    ratio: float  # to the table's reference
    ratio_ci95: Interval
    post_ms: Milliseconds | None  # NumPy behind the graphs, apart; None: not measured


@dataclass(frozen=True)
class Row:
    row: str
    model: str
    paper_ms: float
    paper_ratio: float  # to the table's reference
    paper_ap: float | None
    macs: Macs | None  # None: not counted
    timing: Timing | None
    missing: str  # why there is no timing; empty where there is one, or none was asked for


@dataclass(frozen=True)
class Table:
    number: int
    title: str
    ap_of: str  # what data set `paper_ap` is of
    reference: str  # the row that ratios are to
    rival: str | None  # the row that the paper claims to take half the time of
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Run:
    """One interleaved run of all networks; `graphs` has every sample by model/graph."""

    graphs: dict[str, GraphSamples]
    control: GraphSamples  # the first table's reference once more, loaded on its own
    noise_floor: NoiseFloor
    manifests: dict[str, Sha256]  # of the bundles, by model
    peak_rss_mib: float | None
    conditions: Conditions
    warnings: tuple[str, ...]
    steadiness: Steadiness
    device: DeviceFacts | None  # None: the machine that the tool ran on
    emulated: bool  # then no time means anything
    cool_down: CoolDown | None
    thermal: tuple[ThermalSeries, ...]
    files: tuple[RanFile, ...]


@dataclass(frozen=True)
class Reproduction:
    schema_version: int
    height: int  # of the networks' input
    width: int
    tables: tuple[Table, ...]
    run: Run | None  # None: only MACs were asked for


def encode(result: Reproduction) -> bytes:
    """Indented JSON with a line's end after it."""
    return msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n"


def decode(encoded: bytes) -> Reproduction:
    """Raises msgspec.DecodeError for what is none, or of another schema."""
    return msgspec.json.decode(encoded, type=Reproduction)

"""Results as their commands saved them; a command's own types are loaded when one is met."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from android_bench.errors import BenchError
from android_bench.farm.reading import load_result
from android_bench.measurement.results import BenchResult, check_version

if TYPE_CHECKING:
    from mobileinst_deploy.curve.result import CurveResult
    from mobileinst_deploy.estimate.estimating import Estimate
    from mobileinst_deploy.evaluation.report import Row, TruthFacts
    from mobileinst_deploy.parity.report import ParityReport
    from mobileinst_deploy.reproduce.result import Reproduction


@dataclass(frozen=True)
class Evaluated:
    """An `EvaluationReport`, whose settings are of one of two types, as they stand in the file."""

    subject: str
    manifest_sha256: str | None
    truth: "TruthFacts"
    settings: dict[str, float] | None
    rows: "tuple[Row, ...]"
    class_agnostic: bool  # all categories count as one


@dataclass(frozen=True)
class Versioned:
    schema_version: int


def bench(path: Path, encoded: bytes) -> Sequence[BenchResult]:
    """One of `-o`, several of `--format json` with several phones, or run.sh's document."""
    if not encoded.lstrip().startswith(b"["):
        return [load_result(path)]
    for one in msgspec.json.decode(encoded, type=list[Versioned]):
        check_version(path, one.schema_version)
    return msgspec.json.decode(encoded, type=list[BenchResult])


def parity(path: Path, encoded: bytes) -> "Sequence[ParityReport]":
    from mobileinst_deploy.parity.report import SCHEMA_VERSION, ParityReport

    check_schema(encoded, SCHEMA_VERSION)
    return [msgspec.json.decode(encoded, type=ParityReport)]


def curve(path: Path, encoded: bytes) -> "Sequence[CurveResult]":
    from mobileinst_deploy.curve.result import SCHEMA_VERSION, CurveResult

    check_schema(encoded, SCHEMA_VERSION)
    return [msgspec.json.decode(encoded, type=CurveResult)]


def evaluation(path: Path, encoded: bytes) -> Sequence[Evaluated]:
    from mobileinst_deploy.evaluation.report import SCHEMA_VERSION, Row, TruthFacts

    check_schema(encoded, SCHEMA_VERSION)
    plain = msgspec.json.decode(encoded)
    return [
        Evaluated(
            subject=msgspec.convert(plain.get("subject"), str),
            manifest_sha256=msgspec.convert(plain.get("manifest_sha256"), str | None),
            truth=msgspec.convert(plain.get("truth"), TruthFacts),
            settings=msgspec.convert(plain.get("settings"), dict[str, float] | None),
            rows=msgspec.convert(plain.get("rows"), tuple[Row, ...]),
            class_agnostic=msgspec.convert(plain.get("class_agnostic", False), bool),
        )
    ]


def tables(path: Path, encoded: bytes) -> "Sequence[Reproduction]":
    from mobileinst_deploy.reproduce.result import SCHEMA_VERSION, decode

    check_schema(encoded, SCHEMA_VERSION)
    return [decode(encoded)]


def estimate(path: Path, encoded: bytes) -> "Sequence[Estimate]":
    from mobileinst_deploy.estimate.estimating import SCHEMA_VERSION, Estimate

    check_schema(encoded, SCHEMA_VERSION)
    return [msgspec.json.decode(encoded, type=Estimate)]


def check_schema(encoded: bytes, expected: int) -> None:
    """Raises BenchError for another schema than this version's, and DecodeError for none."""
    version = msgspec.json.decode(encoded, type=Versioned).schema_version
    if version != expected:
        raise BenchError(f"it has schema version {version}, expected {expected}")

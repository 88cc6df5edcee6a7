"""What an evaluation came to, as it is saved: plain data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from android_bench.files import replace_file
from mobileinst_deploy.evaluation.detecting import DetectionSettings
from mobileinst_deploy.evaluation.documents import Category
from mobileinst_deploy.evaluation.identities import IdentityScores
from mobileinst_deploy.evaluation.layout import Layout
from mobileinst_deploy.evaluation.scores import Evaluation, Scores
from mobileinst_deploy.tracking.settings import TrackingSettings

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Evaluated:
    """What a row is of. None where a file of results was evaluated."""

    runtime: str | None = None
    runtime_version: str | None = None
    precision: str | None = None
    interval: int | None = None  # frames from keyframe to keyframe; None for single pictures


@dataclass(frozen=True)
class CategoryScore:
    id: int
    name: str
    ap: float | None  # None where there is nothing to find of it


@dataclass(frozen=True)
class Row:
    of: Evaluated
    found: int  # tracks, or masks in single pictures
    scores: Scores
    ap_difference: float | None  # to the first runtime with the same interval, in points of 100
    categories: tuple[CategoryScore, ...]
    identities: IdentityScores | None = None  # where they were asked for


@dataclass(frozen=True)
class Outcome:
    """What was found, and how good it is."""

    of: Evaluated
    found: int  # tracks, or masks in single pictures
    evaluation: Evaluation
    identities: IdentityScores | None = None


@dataclass(frozen=True)
class TruthFacts:
    file: str
    sha256: str
    layout: Layout
    videos: int | None
    pictures: int
    objects: int  # to be found: tracks, or masks in single pictures; without crowds


@dataclass(frozen=True)
class EvaluationReport:
    schema_version: int
    subject: str  # the bundle's folder, or the file of results
    manifest_sha256: str | None
    truth: TruthFacts
    settings: TrackingSettings | DetectionSettings | None
    rows: tuple[Row, ...]
    class_agnostic: bool = False  # all categories counted as one


def make_rows(outcomes: Iterable[Outcome], categories: Mapping[int, Category]) -> tuple[Row, ...]:
    """`outcomes`: those of the first runtime first."""
    first: dict[int | None, Evaluation] = {}
    rows = []
    for outcome in outcomes:
        evaluation = outcome.evaluation
        base = first.setdefault(outcome.of.interval, evaluation)
        difference = None if base is evaluation else points_between(evaluation, base)
        row = Row(
            outcome.of,
            outcome.found,
            evaluation.scores,
            difference,
            category_scores(evaluation, categories),
            outcome.identities,
        )
        rows.append(row)
    return tuple(rows)


def points_between(evaluation: Evaluation, base: Evaluation) -> float:
    """AP over the base's, in points. Both have objects to find."""
    assert evaluation.scores.ap is not None
    assert base.scores.ap is not None
    return 100 * (evaluation.scores.ap - base.scores.ap)


def category_scores(
    evaluation: Evaluation, categories: Mapping[int, Category]
) -> tuple[CategoryScore, ...]:
    return tuple(
        CategoryScore(number, categories[number].name, ap)
        for number, ap in evaluation.category_ap.items()
    )


def encode(report: EvaluationReport) -> bytes:
    """Indented JSON with a line's end after it."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n"


def save(report: EvaluationReport, path: Path) -> None:
    """Replaces what is there, whole or not at all. Raises OSError."""
    replace_file(path, encode(report))

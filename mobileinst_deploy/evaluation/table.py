"""An evaluation as text and tables; nothing here evaluates or prints."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from mobileinst_deploy.bench.cells import numeric_table
from mobileinst_deploy.evaluation.detecting import DetectionSettings
from mobileinst_deploy.evaluation.layout import Layout
from mobileinst_deploy.evaluation.report import EvaluationReport, Row
from mobileinst_deploy.tracking.settings import TrackingSettings

Cell = Callable[[Row], str]
# Titles, and what they are called in Scores, in the order of the papers.
PRECISIONS = {"AP": "ap", "AP50": "ap50", "AP75": "ap75"}
RECALLS = {"AR1": "ar1", "AR10": "ar10"}
SCORES: dict[Layout, dict[str, str]] = {
    "youtube-vis": PRECISIONS | RECALLS,
    "coco": PRECISIONS | {"APs": "ap_small", "APm": "ap_medium", "APl": "ap_large"},
}
PICTURE_RECALLS = RECALLS | {
    "AR100": "ar100",
    "ARs": "ar_small",
    "ARm": "ar_medium",
    "ARl": "ar_large",
}
IDENTITIES = {"HOTA": "hota", "DetA": "det_a", "AssA": "ass_a", "IDF1": "idf1"}
OBJECTS: dict[Layout, str] = {"youtube-vis": "tracks", "coco": "objects"}


def render(report: EvaluationReport, per_category: bool) -> RenderableType:
    return Group(*sections(report, per_category))


def sections(report: EvaluationReport, per_category: bool) -> Iterator[RenderableType]:
    """At most 80 columns wide, if names are not long."""
    title = f"{report.subject} on {report.truth.file}, in percent"
    yield table(title, report, dict(score_columns(report)))
    if report.truth.layout == "coco":
        yield table(
            "Recall", report, {t: partial(score, name) for t, name in PICTURE_RECALLS.items()}
        )
    if all(row.identities for row in report.rows):
        cells = {title: partial(identity_score, name) for title, name in IDENTITIES.items()}
        yield table("Identities", report, cells)
    if per_category:
        yield from category_tables(report)
    yield Text("\n".join((truth_line(report), *settings_line(report), *version_line(report))))


def table(title: str, report: EvaluationReport, cells: Mapping[str, Cell]) -> Table:
    """`cells`: behind those that say what a row is of, by their titles."""
    named: dict[str, Cell] = {"": lambda row: row.of.runtime or report.subject}
    if any(row.of.interval for row in report.rows):
        named["T"] = lambda row: str(row.of.interval)
    every = {**named, **cells}
    rows = [[cell(row) for cell in every.values()] for row in report.rows]
    return numeric_table(title, [*every], rows)


def score_columns(report: EvaluationReport) -> Iterator[tuple[str, Cell]]:
    for title, name in SCORES[report.truth.layout].items():
        yield title, partial(score, name)
    yield "found", lambda row: str(row.found)
    if len({row.of.runtime for row in report.rows}) > 1:
        yield "to the first", difference


def score(name: str, row: Row) -> str:
    return show(getattr(row.scores, name))


def identity_score(name: str, row: Row) -> str:
    return show(getattr(row.identities, name))


def difference(row: Row) -> str:
    return "-" if row.ap_difference is None else f"{row.ap_difference:+.2f}"


def head(row: Row) -> str:
    interval = f"T = {row.of.interval}" if row.of.interval else None
    return ", ".join(part for part in (row.of.runtime, interval) if part)


def category_tables(report: EvaluationReport) -> Iterator[Table]:
    """Of videos one a runtime, with a column for each interval; else one in all."""
    groups: dict[str | None, list[Row]] = {}
    for row in report.rows:
        groups.setdefault(row.of.runtime if row.of.interval else None, []).append(row)
    for runtime, rows in groups.items():
        title = f"AP of each category, {runtime}" if runtime else "AP of each category"
        columns = [f"T = {row.of.interval}" if runtime else row.of.runtime or "AP" for row in rows]
        yield numeric_table(title, ["category", *columns], category_rows(rows))


def category_rows(rows: Sequence[Row]) -> list[tuple[str, ...]]:
    columns = [row.categories for row in rows]
    return [(same[0].name, *(show(one.ap) for one in same)) for same in zip(*columns, strict=True)]


def show(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f}"


def truth_line(report: EvaluationReport) -> str:
    truth = report.truth
    where = f"{truth.pictures} pictures"
    if truth.videos is not None:
        where = f"{truth.videos} videos of {truth.pictures} frames"
    alike = "; all categories count as one" if report.class_agnostic else ""
    return f"{where}, {truth.objects} {OBJECTS[truth.layout]} to find{alike}"


def settings_line(report: EvaluationReport) -> Iterator[str]:
    own = report.settings
    if isinstance(own, TrackingSettings):
        yield (
            f"Tracker: score {own.score:g}, birth {own.birth:g}, similarity {own.similarity:g}, "
            f"memory {own.memory}, mask {own.mask:g}, duplicate {own.duplicate:g}"
        )
    if isinstance(own, DetectionSettings):
        yield f"Queries of a score from {own.score:g} on, {own.most} at most; mask {own.mask:g}"


def version_line(report: EvaluationReport) -> Iterator[str]:
    versions = {
        f"{row.of.runtime} {row.of.runtime_version}, {row.of.precision}": None
        for row in report.rows
        if row.of.runtime
    }
    if versions:
        yield "; ".join(versions)

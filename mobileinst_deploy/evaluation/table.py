"""An evaluation as text and tables; nothing here evaluates or prints."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from mobileinst_deploy.bench.cells import numeric_table
from mobileinst_deploy.evaluation.detecting import DetectionSettings
from mobileinst_deploy.evaluation.layout import Layout
from mobileinst_deploy.evaluation.report import EvaluationReport, Row
from mobileinst_deploy.tracking.settings import TrackingSettings

# Titles, and what they are called in Scores, in the order of the papers.
VIDEO_SCORES = {"AP": "ap", "AP50": "ap50", "AP75": "ap75", "AR1": "ar1", "AR10": "ar10"}
SIZES = {"APs": "ap_small", "APm": "ap_medium", "APl": "ap_large"}
SCORES: dict[Layout, dict[str, str]] = {
    "youtube-vis": VIDEO_SCORES,
    "coco": {"AP": "ap", "AP50": "ap50", "AP75": "ap75"}
    | SIZES
    | {"AR1": "ar1", "AR10": "ar10", "AR100": "ar100"},
}
IDENTITIES = {"HOTA": "hota", "DetA": "det_a", "AssA": "ass_a", "IDF1": "idf1"}
OBJECTS: dict[Layout, str] = {"youtube-vis": "tracks", "coco": "objects"}


def render(report: EvaluationReport, per_category: bool) -> RenderableType:
    return Group(*sections(report, per_category))


def sections(report: EvaluationReport, per_category: bool) -> Iterator[RenderableType]:
    columns = [*SCORES[report.truth.layout]]
    names = heads(report)
    identities = IDENTITIES if any(row.identities for row in report.rows) else {}
    several = len({row.of.runtime for row in report.rows}) > 1
    first = report.rows[0].of.runtime
    yield numeric_table(
        f"{report.subject} on {report.truth.file}, in percent",
        ["", *columns, *identities, "found", *([f"AP - {first}'s"] if several else [])],
        [
            (name, *score_cells(row, report.truth.layout), *difference_cells(row, several))
            for name, row in zip(names, report.rows, strict=True)
        ],
    )
    if per_category:
        yield from category_tables(report)
    yield Text("\n".join((truth_line(report), *settings_line(report), *version_line(report))))


def heads(report: EvaluationReport) -> list[str]:
    return [head(row) or report.subject for row in report.rows]


def head(row: Row) -> str:
    interval = f"T = {row.of.interval}" if row.of.interval else None
    return ", ".join(part for part in (row.of.runtime, interval) if part)


def score_cells(row: Row, layout: Layout) -> tuple[str, ...]:
    scores = (show(getattr(row.scores, name)) for name in SCORES[layout].values())
    kept = row.identities
    identities = (show(getattr(kept, name)) for name in IDENTITIES.values()) if kept else ()
    return (*scores, *identities, str(row.found))


def difference_cells(row: Row, several: bool) -> tuple[str, ...]:
    if not several:
        return ()
    return ("-" if row.ap_difference is None else f"{row.ap_difference:+.2f}",)


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
    return "-" if value is None else f"{100 * value:.2f}"


def truth_line(report: EvaluationReport) -> str:
    truth = report.truth
    where = f"{truth.pictures} pictures"
    if truth.videos is not None:
        where = f"{truth.videos} videos of {truth.pictures} frames"
    return f"{where}, {truth.objects} {OBJECTS[truth.layout]} to find"


def settings_line(report: EvaluationReport) -> Iterator[str]:
    own = report.settings
    if isinstance(own, TrackingSettings):
        yield (
            f"Tracker: score {own.score:g}, birth {own.birth:g}, similarity {own.similarity:g}, "
            f"memory {own.memory}, mask {own.mask:g}"
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

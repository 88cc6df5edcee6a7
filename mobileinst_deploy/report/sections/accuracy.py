"""Average precision against ground truth."""

from collections.abc import Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING

from mobileinst_deploy.report.blocks import Block, Facts, Made, Part, Section, Table
from mobileinst_deploy.report.conditions import base_name
from mobileinst_deploy.report.inputs import Inputs, Loaded
from mobileinst_deploy.report.numbers import count, listed, short_hash
from mobileinst_deploy.report.reading import Evaluated
from mobileinst_deploy.report.sections.sifting import sifted

if TYPE_CHECKING:
    from mobileinst_deploy.evaluation.report import Row

EXPLANATION = (
    "AP of what the artifact itself found, in percent, by the data set's own rules. A figure of a "
    "part of a data set, or of another one, can't be set against a published one."
)


def make(inputs: Inputs) -> Made:
    shown, left_out = sifted(inputs.of("eval"), "AP", unknown)
    if not shown:
        return Made(None, left_out)
    finding = "; ".join(headline(one.content) for one in shown)
    parts = [part(one, inputs) for one in shown]
    return Made(Section("accuracy", "Accuracy", finding, EXPLANATION, parts), left_out)


def unknown(report: Evaluated) -> str | None:
    """Why it is not shown; None where it is."""
    if not report.rows:
        return "it evaluates nothing"
    if any(row.of.runtime is None for row in report.rows):
        return "a file of results does not say what made them"
    return None


def headline(report: Evaluated) -> str:
    first = report.rows[0]
    return f"AP {percent(first.scores.ap)} of {row_name(first)} on {truth_text(report)}"


def percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f}"


def row_name(row: "Row") -> str:
    interval = f", T = {row.of.interval}" if row.of.interval else ""
    return f"{row.of.runtime} {row.of.precision}{interval}"


def truth_text(report: Evaluated) -> str:
    truth = report.truth
    pictures = count(truth.pictures, "picture")
    if truth.videos is not None:
        pictures = f"{count(truth.videos, 'video')} of {count(truth.pictures, 'frame')}"
    return f"{PurePath(truth.file).name} ({pictures})"


def part(loaded: Loaded, inputs: Inputs) -> Part:
    report: Evaluated = loaded.content
    title = f"{base_name(report.subject)} on {truth_text(report)}"
    return Part(title, Facts([*conditions(report, inputs)]), [*blocks(report)])


def conditions(report: Evaluated, inputs: Inputs) -> Iterator[tuple[str, str]]:
    truth = report.truth
    yield "ground truth", f"{truth_text(report)}, sha256 {short_hash(truth.sha256)}"
    yield "rules", {"coco": "COCO", "youtube-vis": "YouTube-VIS"}[truth.layout]
    if report.class_agnostic:
        yield "categories", "all count as one"
    yield "to be found", count(truth.objects, "object")
    versions = (f"{row.of.runtime} {row.of.runtime_version}" for row in report.rows)
    yield "runtimes", listed(dict.fromkeys(versions))
    if report.settings:
        yield "settings", listed(f"{name} {value:g}" for name, value in report.settings.items())
    sha256 = report.manifest_sha256
    if sha256:
        here = ", which is on this page" if sha256 in inputs.bundles else ""
        yield "bundle", f"{base_name(report.subject)}, manifest {short_hash(sha256)}{here}"


def blocks(report: Evaluated) -> Iterator[Block]:
    from mobileinst_deploy.evaluation.table import SCORES

    scores = SCORES[report.truth.layout]
    rows = [
        (
            row_name(row),
            *(percent(getattr(row.scores, name)) for name in scores.values()),
            "-" if row.ap_difference is None else f"{row.ap_difference:+.2f}",
            str(row.found),
        )
        for row in report.rows
    ]
    yield Table("In percent", ("", *scores, "to the first", "found"), rows)
    if any(row.categories for row in report.rows):
        yield category_table(report)


def category_table(report: Evaluated) -> Table:
    columns = [row.categories for row in report.rows]
    rows = [
        (same[0].name, *(percent(one.ap) for one in same))
        for same in zip(*columns, strict=True)
        if any(one.ap is not None for one in same)
    ]
    names = (row_name(row) for row in report.rows)
    return Table(
        "AP of each category that is to be found, in percent",
        ("category", *names),
        rows,
        folded=True,
    )

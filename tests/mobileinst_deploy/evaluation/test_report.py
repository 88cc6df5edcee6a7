"""What an evaluation shows: differences to the first runtime, and what has nothing to find."""

from dataclasses import replace

import msgspec
import pytest
from rich.console import Console

from mobileinst_deploy.evaluation.detecting import DetectionSettings
from mobileinst_deploy.evaluation.documents import Category
from mobileinst_deploy.evaluation.identities import IdentityScores
from mobileinst_deploy.evaluation.report import (
    Evaluated,
    EvaluationReport,
    Outcome,
    TruthFacts,
    encode,
    make_rows,
)
from mobileinst_deploy.evaluation.scores import Evaluation, Scores
from mobileinst_deploy.evaluation.table import render
from mobileinst_deploy.tracking.settings import TrackingSettings

CATEGORIES = {3: Category(3, "cat"), 8: Category(8, "[dog]")}


def scored(ap: float) -> Evaluation:
    rest = (0.5, 0.4, 0.3, None, 0.2, 0.31, 0.32, 0.33, None, 0.34, 0.35)
    return Evaluation(Scores(ap, *rest), {3: ap, 8: None})


def made(*rows: tuple[str, int | None, float]) -> EvaluationReport:
    outcomes = [
        Outcome(Evaluated(runtime, "1.2", "fp32", interval), 7, scored(ap))
        for runtime, interval, ap in rows
    ]
    truth = TruthFacts("val.json", "0" * 64, "youtube-vis", 2, 14, 4)
    rows_made = make_rows(outcomes, CATEGORIES)
    return EvaluationReport(1, "base", "0" * 64, truth, TrackingSettings(), rows_made)


def shown(report: EvaluationReport, per_category: bool = False) -> str:
    console = Console(width=80, emoji=False)
    with console.capture() as capture:
        console.print(render(report, per_category))
    return capture.get()


TWO = (("torch", 1, 0.5), ("torch", 3, 0.4), ("ncnn", 1, 0.499), ("ncnn", 3, 0.4214))


def test_each_interval_is_compared_with_the_first_runtimes_own():
    differences = [row.ap_difference for row in made(*TWO).rows]
    assert differences == [None, None, pytest.approx(-0.1), pytest.approx(2.14)]


def test_the_table():
    lines = shown(made(*TWO)).splitlines()
    assert lines[0].strip() == "base on val.json, in percent"
    assert lines[2].split() == [
        "T",
        "AP",
        "AP50",
        "AP75",
        "AR1",
        "AR10",
        "found",
        "to",
        "the",
        "first",
    ]
    assert lines[4].split() == ["torch", "1", "50.0", "50.0", "40.0", "31.0", "32.0", "7", "-"]
    assert lines[7].split() == ["ncnn", "3", "42.1", *lines[4].split()[3:8], "+2.14"]
    assert "2 videos of 14 frames, 4 tracks to find" in lines
    assert "torch 1.2, fp32; ncnn 1.2, fp32" in lines


def test_one_runtime_is_compared_with_none():
    assert "to the first" not in shown(made(*TWO[:2]))


def lines_of(name: str, text: str) -> list[list[str]]:
    return [line.split()[1:] for line in text.splitlines() if line.split()[:1] == [name]]


def test_each_category_has_a_line_for_each_runtime():
    text = shown(made(*TWO), per_category=True)
    assert lines_of("cat", text) == [["50.0", "40.0"], ["49.9", "42.1"]]
    assert lines_of("[dog]", text) == [["-", "-"]] * 2
    assert lines_of("category", text) == [["T", "=", "1", "T", "=", "3"]] * 2


def test_categories_of_single_pictures_are_in_one_table():
    text = shown(made(("torch", None, 0.5), ("ncnn", None, 0.4)), per_category=True)
    assert lines_of("category", text) == [["torch", "ncnn"]]
    assert lines_of("cat", text) == [["50.0", "40.0"]]


def test_single_pictures_have_cocos_columns():
    report = made(("torch", None, 0.5))
    truth = replace(report.truth, layout="coco", videos=None)
    text = shown(replace(report, truth=truth, settings=DetectionSettings()))
    for title in ("APs", "APm", "APl", "AR100"):
        assert title in text
    assert "14 pictures, 4 objects to find" in text
    assert "Queries of a score from 0.005 on, 100 at most; mask 0.45" in text


def test_identities_are_shown_where_they_were_asked_for():
    report = made(("torch", 1, 0.5))
    kept = replace(report.rows[0], identities=IdentityScores(0.61, 0.62, 0.63, 0.64))
    assert "HOTA" not in shown(report)
    text = shown(replace(report, rows=(kept,)))
    assert lines_of("T", text)[1] == ["HOTA", "DetA", "AssA", "IDF1"]
    assert lines_of("torch", text)[1] == ["1", "61.0", "62.0", "63.0", "64.0"]


def test_what_is_saved_is_read_again():
    report = made(*TWO)
    assert msgspec.json.decode(encode(report))["rows"][0]["scores"]["ap"] == 0.5

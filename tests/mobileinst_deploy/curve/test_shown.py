"""The tables and the picture of a curve."""

import io
import re
from dataclasses import replace
from pathlib import Path

import cv2
import pytest
from rich.console import Console

from android_bench.measurement.statistics import NoiseFloor
from mobileinst_deploy.curve.doubts import find_doubts
from mobileinst_deploy.curve.plot import save_plot
from mobileinst_deploy.curve.result import CurveResult
from mobileinst_deploy.curve.table import render
from mobileinst_deploy.tracking.settings import ScheduleSettings, every
from tests.mobileinst_deploy.curve.scene import make_scene

SCHEDULES = {"1": every(1), "3": every(3), "2:4": ScheduleSettings(2, 4)}


@pytest.fixture(scope="module")
def curve(tmp_path_factory: pytest.TempPathFactory) -> CurveResult:
    scene = make_scene(tmp_path_factory.mktemp("scene"))
    return scene.measure(schedules=SCHEDULES)


def shown(curve: CurveResult) -> str:
    text = io.StringIO()
    Console(width=130, file=text).print(render(curve))
    return text.getvalue()


def test_tables_have_a_row_for_each_interval(curve: CurveResult):
    text = shown(curve)
    for interval in SCHEDULES:
        rows = re.findall(rf"^ {re.escape(interval)}  .*$", text, re.MULTILINE)
        assert len(rows) == 4, text  # costs, medians, agreement, scores
    found = curve.runtimes["onnxruntime"].points["3"]
    assert f"{found.agreement.mask_iou:.3f}" in text
    assert f"{found.graphs.ratio:.3f}" in text
    assert "5 of 14" in text  # keyframes with T = 3


def test_tables_say_how_it_was_measured(curve: CurveResult):
    text = shown(curve)
    assert "Noise floor: T = 1, walked twice, differed by" in text
    assert f"core {curve.conditions.core}, 1 thread, fp32" in text
    assert "1 (8 frames), 2 (6 frames), after 6 frames to warm up" in text
    assert "Tracker: score 0.1, birth 0.3, similarity 0.5, memory 5, mask 0.45" in text


def test_without_ground_truth_there_are_no_scores(curve: CurveResult):
    runtime = curve.runtimes["onnxruntime"]
    points = {name: replace(point, scores=None) for name, point in runtime.points.items()}
    assert "AP50" in shown(curve)
    assert "AP50" not in shown(
        replace(curve, runtimes={"onnxruntime": replace(runtime, points=points)})
    )


def test_a_noisy_machine_is_doubted(curve: CurveResult):
    runtime = curve.runtimes["onnxruntime"]
    quiet, loud = (replace(runtime, graphs_noise=NoiseFloor(0.0, upper)) for upper in (0.03, 0.04))
    said = [
        [one for one in find_doubts({"ncnn": each}, curve.conditions) if "noise floor" in one]
        for each in (quiet, loud)
    ]
    assert said[0] == []
    assert said[1][0].startswith("The noise floor of ncnn's graphs is 4.0%, above 3%")


def test_the_picture(curve: CurveResult, tmp_path: Path):
    save_plot(curve, tmp_path / "curve.png")
    picture = cv2.imread(str(tmp_path / "curve.png"))
    assert picture.shape == (720, 1650, 3)
    assert 0.5 < (picture == 255).mean() < 0.99
    assert [path.name for path in tmp_path.iterdir()] == ["curve.png"]


def test_the_drawing_names_what_it_shows(curve: CurveResult, tmp_path: Path):
    both = {"onnxruntime": curve.runtimes["onnxruntime"], "ncnn": curve.runtimes["onnxruntime"]}
    save_plot(replace(curve, runtimes=both), tmp_path / "curve.SVG")
    text = (tmp_path / "curve.SVG").read_text()
    for label in ("onnxruntime, in all", "ncnn, graphs alone", "mask IoU with T = 1", "ncnn, AP"):
        assert f"<!-- {label}" in text or label in text
    assert f"core {curve.conditions.core}" in text


def test_a_picture_that_can_not_be_written_leaves_nothing(curve: CurveResult, tmp_path: Path):
    (tmp_path / "curve.png").mkdir()
    with pytest.raises(OSError, match="directory"):
        save_plot(curve, tmp_path / "curve.png")
    assert [path.name for path in tmp_path.iterdir()] == ["curve.png"]

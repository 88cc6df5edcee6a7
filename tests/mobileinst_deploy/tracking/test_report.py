import io
from dataclasses import replace

import pytest
from rich.console import Console

from mobileinst_deploy.tracking.frames import StepTimes, TrackSummary
from mobileinst_deploy.tracking.report import Conditions, make_report, why_nothing
from mobileinst_deploy.tracking.report_table import render
from mobileinst_deploy.tracking.run import Step, TrackingRun
from mobileinst_deploy.tracking.settings import ScheduleSettings, TrackingSettings, every
from models.categories import COCO

CONDITIONS = Conditions(
    source="street.mp4",
    height=720,
    width=1280,
    bundle="base",
    model="mobileinst-topformer-b",
    trained=False,
    runtime="onnxruntime",
    runtime_version="1.31.1",
    precision="fp32",
    threads=1,
    core=None,
    device=None,
    reuse="reuse_folded",
    schedule=every(3),
    settings=TrackingSettings(),
)
STEPS = (
    Step(True, StepTimes(1, 100, 2, 3)),
    Step(False, StepTimes(1, 50, 0.5, 3)),
    Step(False, StepTimes(2, 52, 1.5, 4)),
    Step(False, StepTimes(3, 51, 1.0, 2)),
)
FOUND = (TrackSummary(1, 2, 0.75, 4), TrackSummary(3, 79, 0.5, 1))
RUN = TrackingRun(STEPS, FOUND, 1.25, 0.8)


def test_costs_are_medians_of_each_kind():
    report = make_report(RUN, CONDITIONS, COCO)
    assert (report.frames, report.keyframes) == (4, 1)
    assert report.keyframe is not None
    assert report.keyframe.total_ms == 106
    middle = report.in_between
    assert middle is not None
    assert (middle.frames, middle.preprocess_ms, middle.graphs_ms) == (3, 2, 51)
    assert (middle.tracker_ms, middle.masks_ms, middle.total_ms) == (1, 3, 57)
    assert report.mean_ms == (106 + 54.5 + 59.5 + 57) / 4
    assert report.fps == 1000 / report.mean_ms
    assert report.tracker_share == 1 / 51


def test_tracks_have_the_data_sets_ids_and_names():
    rows = make_report(RUN, CONDITIONS, COCO).tracks
    assert [(row.identity, row.category_id, row.category) for row in rows] == [
        (1, 3, "car"),
        (3, 90, "toothbrush"),
    ]


@pytest.mark.parametrize(
    "steps",
    [(STEPS[0],), (STEPS[0], Step(False, StepTimes(1, 0, 0.5, 0)))],
    ids=["only keyframes", "nothing to reuse"],
)
def test_without_reuse_the_tracker_has_no_share(steps: tuple[Step, ...]):
    assert make_report(replace(RUN, steps=steps), CONDITIONS, COCO).tracker_share is None


NOTHING = {
    "below birth": (0.255, {}, "the best score was 0.255, and a track begins at 0.3 (--birth)"),
    "below score": (0.255, {"score": 0.5}, "and a track begins at 0.5 (--score)"),
    "no pixel": (0.9, {"mask": 1.0}, "the best score was 0.900, but no mask has a pixel above 1"),
    "unknown": (None, {}, "no score reaches 0.3 (--birth), or no mask has a pixel above 0.45"),
}


@pytest.mark.parametrize(("best", "changes", "says"), NOTHING.values(), ids=NOTHING)
def test_what_stood_in_the_way(best: float | None, changes: dict[str, float], says: str):
    conditions = replace(CONDITIONS, settings=TrackingSettings(**changes))
    run = replace(RUN, summaries=(), best_score=best)
    line = why_nothing(make_report(run, conditions, COCO))
    assert line is not None
    assert line.startswith("Nothing was tracked in 4 frames, 1 of them keyframes: ")
    assert says in line


def test_nothing_stood_in_the_way():
    assert why_nothing(make_report(RUN, CONDITIONS, COCO)) is None


def shown(run: TrackingRun, conditions: Conditions) -> list[str]:
    stream = io.StringIO()
    Console(file=stream, width=80).print(render(make_report(run, conditions, COCO)))
    return stream.getvalue().splitlines()


def test_the_table():
    lines = shown(RUN, CONDITIONS)
    assert max(map(len, lines)) <= 80
    text = "\n".join(line.rstrip() for line in lines)
    assert " 3          toothbrush   0.500        1" in text
    assert " in between        3        2.000    51.00     1.000   3.000   57.00" in text
    assert text.endswith(
        "4 frames, 1 of them keyframes; 69.2 ms a frame on average, 14.44 frames/s\n"
        "The tracker takes 1.96% of the reuse graph's time\n"
        "1.2 s in all, with decoding and writing\n"
        "mobileinst-topformer-b, untrained weights; pictures of 1280x720\n"
        "onnxruntime 1.31.1, fp32, 1 thread, any core of this machine\n"
        "T = 3; reuse_folded; score 0.1, birth 0.3, similarity 0.5, duplicate 1"
    )


def test_the_table_of_another_run():
    conditions = replace(
        CONDITIONS, schedule=ScheduleSettings(2, 8), core="6", device="R5CT", trained=True
    )
    text = "\n".join(shown(TrackingRun((STEPS[0],), (), 0.2, None), conditions))
    for part in ("a keyframe every 2 to 8 frames", "core 6 of R5CT", "-topformer-b; pictures"):
        assert part in text
    for part in ("Tracks in", "in between", "The tracker takes"):
        assert part not in text

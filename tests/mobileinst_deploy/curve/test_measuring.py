"""A whole walk with a network that knows the scene: agreement and AP are what they have to be."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from android_bench.errors import DeviceError
from mobileinst_deploy.curve import result as results
from mobileinst_deploy.curve.result import CurveResult
from mobileinst_deploy.errors import InputError, RunError
from mobileinst_deploy.runtimes.base import Arrays
from mobileinst_deploy.tracking.network import BundleNetwork
from mobileinst_deploy.tracking.settings import ScheduleSettings, TrackingSettings, every
from tests.mobileinst_deploy.curve.scene import BRIEF, LENGTHS, Scene, make_scene
from tests.mobileinst_deploy.tracking.oracle import FunctionSession, Oracle

FRAMES = sum(LENGTHS)
PLACE = "onnxruntime"


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return make_scene(tmp_path_factory.mktemp("scene"))


@pytest.fixture(scope="module")
def curve(scene: Scene) -> CurveResult:
    return scene.measure()


def test_keyframes_begin_anew_in_every_video(curve: CurveResult):
    points = curve.runtimes[PLACE].points
    assert {name: point.keyframes for name, point in points.items()} == {"1": 14, "2": 7, "3": 5}
    expected = tuple(index % 3 == 0 for length in LENGTHS for index in range(length))
    assert points["3"].samples.keyframes == expected


def test_perfect_kernels_have_perfect_tracks(curve: CurveResult):
    points = curve.runtimes[PLACE].points
    scores = points["1"].scores
    assert scores is not None
    assert (scores.ap50, scores.ar10) == pytest.approx((1, scores.ap))
    assert scores.ap == pytest.approx(scores.ar100)
    assert scores.ap > 0.8  # not 1: masks come from a grid of an eighth of the picture


def test_what_no_keyframe_shows_is_not_found(curve: CurveResult):
    """One of the two categories with T = 3."""
    point = curve.runtimes[PLACE].points["3"]
    assert point.scores is not None
    assert point.scores.ap50 == pytest.approx(0.5)
    instances = FRAMES + len(LENGTHS) * len(BRIEF)
    assert point.agreement.found == point.agreement.mask_iou == pytest.approx(FRAMES / instances)
    assert (point.agreement.extra, point.agreement.switches) == (0, 0)


def test_a_lingering_kernel_has_no_pixel(curve: CurveResult):
    """With T = 2 a keyframe shows it in its last frame: half of its frames are found."""
    agreed = curve.runtimes[PLACE].points["2"].agreement
    instances = FRAMES + len(LENGTHS) * len(BRIEF)
    assert agreed.found == pytest.approx(1 - len(LENGTHS) / instances)
    assert agreed.extra == 0


def test_t_1_agrees_with_itself(curve: CurveResult):
    point = curve.runtimes[PLACE].points["1"]
    assert (point.agreement.mask_iou, point.agreement.found) == (1, 1)
    assert (point.graphs.ratio, point.total.ratio) == (1, 1)
    assert (point.reuse_graphs_ms, point.tracker_share) == (None, None)


def test_every_frame_has_its_samples(curve: CurveResult):
    runtime = curve.runtimes[PLACE]
    for samples in (runtime.control, *(point.samples for point in runtime.points.values())):
        assert {len(getattr(samples, name)) for name in samples.__dataclass_fields__} == {FRAMES}
        assert set(samples.cores) == {curve.conditions.core}
        assert list(samples.at_ms) == sorted(samples.at_ms)


def test_a_frame_costs_what_its_samples_say(curve: CurveResult):
    point = curve.runtimes[PLACE].points["3"]
    key = np.array(point.samples.keyframes)
    for cost, series in ((point.graphs, "graphs_ms"), (point.total, "total_ms")):
        values = np.array(getattr(point.samples, series))
        expected = np.median(values[key]) / 3 + np.median(values[~key]) * 2 / 3
        assert cost.ms == pytest.approx(expected)


def test_the_saved_curve_is_the_same(curve: CurveResult, tmp_path: Path):
    results.save(curve, tmp_path / "curve.json")
    read = msgspec.json.decode((tmp_path / "curve.json").read_bytes(), type=CurveResult)
    assert read == curve
    assert read.schema_version == results.SCHEMA_VERSION


class Recording(BundleNetwork):
    """Notes which pictures come."""

    def __init__(self, network: BundleNetwork) -> None:
        super().__init__(network.plan, network.sessions, network.count)
        self.seen: list[float] = []

    def run(self, graph: str, inputs: Arrays) -> Arrays:
        if "image" in inputs:
            self.seen.append(float(inputs["image"].max()))
        return super().run(graph, inputs)


def test_each_frame_goes_to_all_before_the_next(scene: Scene):
    network = Recording(scene.oracle.network())
    scene.measure(network, warmup=2)
    trackers = 4  # T = 1 twice, 2 and 3
    frames = [network.seen[start : start + trackers] for start in range(0, 16 * trackers, trackers)]
    assert len(network.seen) == 16 * trackers
    assert all(len(set(frame)) == 1 for frame in frames)
    brightness = [frame[0] for frame in frames]
    assert brightness[:2] == brightness[2:4]  # what warmed up comes again
    assert brightness[2:] == sorted(set(brightness))


def test_an_adaptive_schedule_costs_what_it_came_to(scene: Scene):
    curve = scene.measure(schedules={"1": every(1), "2:4": ScheduleSettings(2, 4)})
    point = curve.runtimes[PLACE].points["2:4"]
    key = np.array(point.samples.keyframes)
    values = np.array(point.samples.graphs_ms)
    share = key.mean()
    expected = np.median(values[key]) * share + np.median(values[~key]) * (1 - share)
    assert point.graphs.ms == pytest.approx(expected)
    assert 1 / 4 <= share <= 1 / 2


def test_frames_without_a_live_kernel_are_left_out(scene: Scene):
    """The second object alone would be seen: no kernel before it, and none after it is lost."""
    shots = [[seen for seen in shot if seen.actor == 1] for shot in scene.oracle.shots]
    oracle = Oracle(scene.bundle, scene.oracle.frames, shots)
    empty = Scene(scene.bundle, oracle, scene.truth, scene.pictures)
    curve = empty.measure(schedules={"1": every(1), "2": every(2)})
    assert curve.runtimes[PLACE].points["2"].idle == FRAMES - 2 * len(LENGTHS)
    assert any("in 10 of 14 frames no kernel lived" in one for one in curve.warnings)


REFUSED = {
    "no kernel at all": ({"tracking": TrackingSettings(birth=0.99)}, RunError, "T = 2: no kernel"),
    "as long as the videos": ({"schedules": {"8": every(8)}}, InputError, "more than 8 frames"),
    "no such core": ({"core": 4096}, DeviceError, "core 4096 was asked for"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(scene: Scene, name: str):
    settings, kind, says = REFUSED[name]
    with pytest.raises(kind, match=says):
        scene.measure(**settings)


def test_a_graph_that_fails_is_named_with_its_frame(scene: Scene):
    network = scene.oracle.network()
    broken = FunctionSession(lambda inputs: {"folded": np.full((1, 10, 64), np.nan)})
    network.sessions = {**network.sessions, "fold": broken}
    with pytest.raises(RunError, match=r"^onnxruntime, T = [23]: 1#0: graph 'fold' gives NaN"):
        scene.measure(network)

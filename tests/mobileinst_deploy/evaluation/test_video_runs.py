"""Whole data sets through a tracker: the same scores as the curve's, by a walk of its own."""

import numpy as np
import pytest

from mobileinst_deploy.errors import RunError
from mobileinst_deploy.evaluation.clips import truth_clips
from mobileinst_deploy.evaluation.results import FoundTrack
from mobileinst_deploy.evaluation.video_runs import Setup, track_videos
from mobileinst_deploy.evaluation.ytvis import evaluate
from mobileinst_deploy.runtimes.artifacts import NCNN, ONNXRUNTIME
from mobileinst_deploy.tracking.network import Network
from mobileinst_deploy.tracking.settings import TrackingSettings
from tests.mobileinst_deploy.curve.scene import INTERVALS, LENGTHS, Scene, make_scene
from tests.mobileinst_deploy.tracking.oracle import FunctionSession

SETUPS = [Setup(runtime, one) for runtime in (ONNXRUNTIME, NCNN) for one in INTERVALS]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return make_scene(tmp_path_factory.mktemp("scene"))


def track(scene: Scene, network: Network, seen: list) -> dict[Setup, list[FoundTrack]]:
    judge = scene.judge()
    return track_videos(
        scene.bundle,
        SETUPS,
        truth_clips(judge.truth, scene.pictures),
        judge,
        TrackingSettings(),
        lambda *step: seen.append(step),
        lambda bundle, runtime: network,
    )


def test_equals_the_curve(scene: Scene):
    found = track(scene, scene.oracle.network(), [])
    points = scene.measure().runtimes["onnxruntime"].points
    truth = scene.judge().truth
    for setup, tracks in found.items():
        scores = evaluate(truth, tracks).scores
        assert scores == points[str(setup.interval)].scores
    assert points["1"].scores != points["3"].scores


def test_progress_counts_frames(scene: Scene):
    seen: list[tuple[str, int, int]] = []
    track(scene, scene.oracle.network(), seen)
    total = len(SETUPS) * sum(LENGTHS)
    assert [(done, of) for _, done, of in seen] == [(i, total) for i in range(1, total + 1)]
    assert seen[0][0] == "1: onnxruntime, T = 1"


def test_a_graph_that_fails_is_named_with_its_setup(scene: Scene):
    network = scene.oracle.network()
    broken = FunctionSession(lambda inputs: {"folded": np.full((1, 10, 64), np.inf)})
    network.sessions = {**network.sessions, "fold": broken}
    with pytest.raises(RunError, match=r"^onnxruntime, T = 2: 1#0: graph 'fold' gives infinity"):
        track(scene, network, [])

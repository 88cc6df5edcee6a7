"""All networks in one interleaved run on this machine."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from android_bench.measurement.conditions import allowed_cores
from export.errors import BundleError
from mobileinst_deploy.bench.plan import BenchSettings
from mobileinst_deploy.errors import RunError
from mobileinst_deploy.reproduce.choosing import Network
from mobileinst_deploy.reproduce.host import measure_on_host
from mobileinst_deploy.runtimes.artifacts import NCNN, ONNXRUNTIME
from mobileinst_deploy.runtimes.base import Runtime
from mobileinst_deploy.runtimes.native import NCNN_RUNNERS
from tests.mobileinst_deploy.reproduce.toys import write_toy

CORE = allowed_cores()[-1]
SETTINGS = BenchSettings(CORE, warmup=1, iterations=4)
GRAPHS = ("keyframe", "fold")


def no_progress(done: int, total: int) -> None:
    pass


@pytest.fixture
def networks(tmp_path: Path) -> tuple[Network, ...]:
    return tuple(Network(name, write_toy(tmp_path, name), GRAPHS) for name in "ab")


def spy(broken: str) -> tuple[Runtime, list[str]]:
    """ONNX Runtime that can't load one network, and what it ran, in order."""
    runs: list[str] = []

    class Session:
        def __init__(self, bundle, graph):
            if bundle.path.name == broken:
                raise RunError(f"{graph} is too large")
            self.name, self.session = f"{bundle.path.name}/{graph}", ONNXRUNTIME.load(bundle, graph)

        def run(self, inputs):
            runs.append(self.name)
            return self.session.run(inputs)

    return replace(ONNXRUNTIME, load=Session), runs


@pytest.mark.parametrize("runtime", [ONNXRUNTIME, NCNN], ids=lambda runtime: runtime.name)
def test_every_graph_of_every_network_has_a_sample_a_round(networks, runtime):
    measured = measure_on_host(networks, runtime, SETTINGS, no_progress)
    one = measured.measurement
    assert [*one.graphs] == ["a/keyframe", "a/fold", "b/keyframe", "b/fold"]
    for graph in (*one.graphs.values(), one.control):
        assert (len(graph.samples_ms), set(graph.cores)) == (4, {CORE})
    assert one.conditions.cores_seen == (CORE,)
    assert [*measured.manifests] == ["a", "b"]
    assert {file.name.partition("/")[0] for file in one.files} == {"a", "b"}


def test_the_native_runner_takes_turns_with_itself(networks, host_runner):
    one = measure_on_host(networks, NCNN_RUNNERS[0], SETTINGS, no_progress).measurement
    assert [*one.graphs] == ["a/keyframe", "a/fold", "b/keyframe", "b/fold"]
    assert {graph.runtime for graph in one.graphs.values()} == {"ncnn-runner"}
    assert one.conditions.runner.sha256 == host_runner.sha256


def test_networks_take_turns_and_the_first_one_has_a_control(networks):
    runtime, runs = spy(broken="")
    measure_on_host(networks, runtime, SETTINGS, no_progress)
    once = Counter([*runs[:5]])
    assert once == {"a/keyframe": 2, "a/fold": 1, "b/keyframe": 1, "b/fold": 1}
    rounds = [runs[start : start + 5] for start in range(0, len(runs), 5)]
    assert [Counter(names) for names in rounds] == [once] * 6  # first runs, warm-up, counted
    assert len({tuple(names) for names in rounds}) > 1


def test_a_network_that_cannot_be_loaded_is_left_out(networks):
    measured = measure_on_host(networks, spy(broken="b")[0], SETTINGS, no_progress)
    assert [*measured.measurement.graphs] == ["a/keyframe", "a/fold"]
    assert measured.failed == {"b": "keyframe is too large"}
    assert [*measured.manifests] == ["a"]


def test_without_the_first_network_there_is_nothing_to_compare_with(networks):
    with pytest.raises(RunError, match="too large"):
        measure_on_host(networks, spy(broken="a")[0], SETTINGS, no_progress)


def test_a_golden_frame_that_is_damaged_is_named(networks):
    (networks[1].bundle.path / "golden.safetensors").write_bytes(b"none")
    measured = measure_on_host(networks, ONNXRUNTIME, SETTINGS, no_progress)
    assert "can't read the golden file" in measured.failed["b"]
    (networks[0].bundle.path / "golden.safetensors").write_bytes(b"none")
    with pytest.raises(BundleError, match="can't read the golden file"):
        measure_on_host(networks, ONNXRUNTIME, SETTINGS, no_progress)

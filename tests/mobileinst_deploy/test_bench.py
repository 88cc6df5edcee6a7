import gc
import json
import os
from collections import Counter

import numpy as np
import pytest
from click.testing import CliRunner
from rich.console import Console

from android_bench.errors import BenchError, DeviceError
from android_bench.measurement import results
from android_bench.measurement.conditions import allowed_cores
from export.errors import BundleError, OutputExistsError
from export.golden_io import golden_inputs
from export.manifest import Bundle
from mobileinst_deploy.bench.cells import show_ms
from mobileinst_deploy.bench.host import bench_host
from mobileinst_deploy.bench.plan import BenchSettings
from mobileinst_deploy.bench.table import render
from mobileinst_deploy.cli.bench import bench
from mobileinst_deploy.errors import exit_code
from mobileinst_deploy.runtimes.artifacts import ONNXRUNTIME
from mobileinst_deploy.runtimes.base import Runtime
from tests.mobileinst_deploy.toy_bundle import GOLDEN, GRAPHS, KERNELS, write_bundle

QUICK = BenchSettings(warmup=1, iterations=4)


@pytest.fixture
def bundle(tmp_path) -> Bundle:
    return write_bundle(tmp_path / "tiny")


@pytest.fixture
def core() -> int:
    return allowed_cores()[0]


def no_progress(done: int, total: int) -> None:
    pass


def spy_runtime(before_run=lambda name: None) -> tuple[Runtime, list[str]]:
    """ONNX Runtime, and the names of the graphs in the order in which they were run."""
    runs: list[str] = []

    class Session:
        def __init__(self, bundle, name):
            self.name, self.session = name, ONNXRUNTIME.load(bundle, name)

        def run(self, inputs):
            before_run(self.name)
            runs.append(self.name)
            return self.session.run(inputs)

    return Runtime("spy", "onnxruntime", Session), runs


def test_golden_inputs_are_found_by_our_names(bundle):
    inputs = golden_inputs(bundle, "reuse_folded", 0)
    assert inputs.keys() == {"image", "weight"}
    np.testing.assert_array_equal(inputs["weight"], -KERNELS)


@pytest.mark.parametrize("index", [-1, 1])
def test_a_golden_frame_that_is_not_there_is_refused(bundle, index):
    with pytest.raises(BundleError, match="no golden frame"):
        golden_inputs(bundle, "fold", index)


def test_a_golden_tensor_that_is_missing_is_named(tmp_path):
    golden = {name: array for name, array in GOLDEN.items() if name != "fold/kernels"}
    bundle = write_bundle(tmp_path / "tiny", golden=golden)
    with pytest.raises(BundleError, match="lacks fold/kernels"):
        golden_inputs(bundle, "fold", 0)


def test_a_golden_file_that_is_none_is_refused(bundle):
    (bundle.path / "golden.safetensors").write_bytes(b"none")
    with pytest.raises(BundleError, match="can't read the golden file"):
        golden_inputs(bundle, "fold", 0)


def test_every_graph_has_a_sample_a_round_on_the_core_asked_for(bundle, core):
    result = bench_host(bundle, (ONNXRUNTIME,), BenchSettings(core, 1, 4), no_progress)
    assert result.graphs.keys() == GRAPHS.keys()
    for graph in (*result.graphs.values(), result.control):
        assert len(graph.samples_ms) == 4
        assert graph.cores == (core,) * 4
        assert min(graph.load_ms, graph.first_ms, graph.min_ms) > 0
    assert result.conditions.cores_seen == (core,)


def test_conditions_are_recorded(bundle):
    result = bench_host(bundle, (ONNXRUNTIME,), QUICK, no_progress)
    conditions = result.conditions
    assert (conditions.device, conditions.threads, conditions.precision) == ("host", 1, "fp32")
    assert (conditions.warmup, conditions.iterations) == (1, 4)
    assert conditions.runtime_settings["intra_op_num_threads"] == 1
    assert result.bundle == "tiny"
    assert len(result.manifest_sha256) == 64


def test_graphs_take_turns_and_the_keyframe_graph_has_two(bundle):
    runtime, runs = spy_runtime()
    bench_host(bundle, (runtime,), BenchSettings(warmup=2, iterations=6), no_progress)
    once = Counter([*GRAPHS, "keyframe"])
    rounds = [runs[start : start + 5] for start in range(0, len(runs), 5)]
    assert [Counter(names) for names in rounds] == [once] * 9  # first runs, warm-up, counted
    assert len({tuple(names) for names in rounds}) > 1


def test_the_same_seed_gives_the_same_order(bundle):
    first, second = spy_runtime(), spy_runtime()
    for runtime, _ in (first, second):
        bench_host(bundle, (runtime,), QUICK, no_progress)
    assert first[1] == second[1]


def test_a_subset_is_measured_with_the_keyframe_graph(bundle):
    settings = BenchSettings(warmup=0, iterations=2, graphs=("fold",))
    result = bench_host(bundle, (ONNXRUNTIME,), settings, no_progress)
    assert list(result.graphs) == ["keyframe", "fold"]
    assert result.amortised == {"1": 1.0}


def test_a_bundle_without_a_keyframe_graph_is_refused(tmp_path):
    bundle = write_bundle(tmp_path / "tiny", {"fold": GRAPHS["fold"]})
    with pytest.raises(BundleError, match="no graph 'keyframe'"):
        bench_host(bundle, (ONNXRUNTIME,), QUICK, no_progress)


def test_progress_counts_every_round(bundle):
    seen = []
    bench_host(bundle, (ONNXRUNTIME,), QUICK, lambda done, total: seen.append((done, total)))
    assert seen == [(done, 5) for done in range(1, 6)]


def test_garbage_is_not_collected_while_measuring_and_is_again_afterwards(bundle):
    enabled = []
    bench_host(bundle, (ONNXRUNTIME,), QUICK, lambda *_: enabled.append(gc.isenabled()))
    assert not any(enabled)
    assert gc.isenabled()


@pytest.mark.skipif(len(allowed_cores()) < 2, reason="needs two cores")
def test_a_result_with_samples_of_another_core_is_refused(bundle):
    here, there = allowed_cores()[:2]
    runtime, runs = spy_runtime(
        lambda name: os.sched_setaffinity(0, {there if len(runs) == 12 else here})
    )
    with pytest.raises(BenchError, match=f"1 of 20 samples .* than {here} .{there}.") as caught:
        bench_host(bundle, (runtime,), BenchSettings(here, 1, 4), no_progress)
    assert exit_code(caught.value) == 4
    assert allowed_cores()[:2] == (here, there)


def test_table_shows_every_graph_and_the_noise_floor_in_words(bundle):
    console = Console(width=80)
    with console.capture() as capture:
        console.print(render(bench_host(bundle, (ONNXRUNTIME,), QUICK, no_progress)))
    shown = " ".join(capture.get().split())
    assert all(f"{name} " in shown for name in GRAPHS)
    assert "cannot be told apart here" in shown
    assert "4 iterations after 1 to warm up" in shown
    assert "\N{HORIZONTAL ELLIPSIS}" not in shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "-"), (0.01234, "0.012"), (5.4321, "5.432"), (54.321, "54.32"), (54321.0, "54321.0")],
)
def test_milliseconds_are_shown_with_about_four_digits(value, shown):
    assert show_ms(value) == shown


def run_bench(*arguments):
    return CliRunner().invoke(bench, [*map(str, arguments), "--warmup", "1", "--iterations", "3"])


def test_command_prints_json_and_nothing_else(bundle):
    outcome = run_bench(bundle.path, "--format", "json")
    assert outcome.exit_code == 0, outcome.output
    plain = json.loads(outcome.stdout)
    assert plain["graphs"].keys() == GRAPHS.keys()
    assert plain["amortised"].keys() == {"1", "3", "6"}
    assert outcome.stderr.splitlines() == [f"Next: mobileinst bench {bundle.path} -o bench.json"]


def test_command_prints_a_table_and_saves_the_result(bundle, tmp_path):
    path = tmp_path / "bench.json"
    outcome = run_bench(bundle.path, "-o", path, "--graphs", "fold, reuse_folded")
    assert "noise floor" in outcome.stdout.lower()
    assert list(results.load(path).graphs) == ["keyframe", "fold", "reuse_folded"]
    assert outcome.stderr.splitlines()[-1] == f"Next: mobileinst parity {bundle.path}"


def test_command_keeps_an_existing_file_and_says_so_before_anything_else(tmp_path):
    path = tmp_path / "bench.json"
    path.write_text("before")
    outcome = run_bench(tmp_path / "no bundle", "-o", path)
    assert isinstance(outcome.exception, OutputExistsError)
    assert path.read_text() == "before"


def test_command_replaces_an_existing_file_when_told_to(bundle, tmp_path):
    path = tmp_path / "bench.json"
    path.write_text("before")
    assert run_bench(bundle.path, "-o", path, "--overwrite").exit_code == 0
    assert results.load(path).bundle == "tiny"


def test_command_leaves_no_file_after_a_failure(bundle, tmp_path):
    outcome = run_bench(bundle.path, "--core", "100000", "-o", tmp_path / "bench.json")
    assert isinstance(outcome.exception, DeviceError)
    assert exit_code(outcome.exception) == 5
    assert [child.name for child in tmp_path.iterdir()] == ["tiny"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--graphs", "fold,none"], "no graph 'none'; the bundle has keyframe"),
        (["--graphs", ""], "no graph ''"),
        (["-o", "no/such/folder/bench.json"], "there is no folder"),
        (["--device", "phone"], "'host'"),
        (["--core", "-1"], "--core"),
    ],
)
def test_wrong_usage(bundle, arguments, message):
    outcome = run_bench(bundle.path, *arguments)
    assert outcome.exit_code == 2
    assert message in outcome.stderr


def test_one_iteration_is_too_few(bundle):
    outcome = CliRunner().invoke(bench, [str(bundle.path), "--iterations", "1"])
    assert outcome.exit_code == 2


def test_help_teaches_by_an_example():
    assert "mobileinst bench out/topformer --core 1" in CliRunner().invoke(bench, ["--help"]).stdout

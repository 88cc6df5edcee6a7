"""The native runner beside the other runtimes, on this machine."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from android_bench.building import Runner
from android_bench.building.cache import BUILDS_VARIABLE
from android_bench.errors import DeviceError
from export.golden_io import golden_inputs
from export.manifest import Bundle, open_bundle
from mobileinst_deploy.bench.host import SPARE, with_spare
from mobileinst_deploy.bench.plan import control_job, plan
from mobileinst_deploy.cli.runtimes import measurable
from mobileinst_deploy.errors import RunError
from mobileinst_deploy.runtimes import RUNTIMES
from mobileinst_deploy.runtimes.native import needed_runner
from tests.command import Ran, run

NAMES = ("ncnn-runner", "ncnn-wheel", "onnxruntime", "ncnn-runner:fp16-storage")
QUICK = ("--graphs", "fold", "--warmup", 1, "--iterations", 3, "--format", "json")


@pytest.fixture(scope="module")
def bundle(phone_bundle: Path) -> Bundle:
    return open_bundle(phone_bundle)


@pytest.fixture(scope="module")
def ran(phone_bundle: Path, host_runner: Runner) -> Ran:
    return run("bench", phone_bundle, "--runtime", ",".join(NAMES), *QUICK)


@pytest.fixture(scope="module")
def result(ran: Ran) -> dict:
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def test_all_take_turns_in_one_run(result: dict):
    assert {graph["runtime"] for graph in result["graphs"].values()} == {*NAMES}
    core = result["conditions"]["core"]
    for name, graph in result["graphs"].items():
        assert graph["precision"] == ("fp16-storage" if ":" in name else "fp32")
        assert (len(graph["samples_ms"]), graph["cores"]) == (3, [core] * 3)
        assert min(graph["load_ms"], graph["first_ms"], *graph["samples_ms"]) > 0
    times = sorted(at for graph in result["graphs"].values() for at in graph["at_ms"])
    assert len({*times}) == 3 * len(result["graphs"])  # one after the other, on one clock


def test_conditions_say_which_runner_it_was(result: dict, host_runner: Runner):
    conditions = result["conditions"]
    assert conditions["runner"]["sha256"] == host_runner.sha256
    assert conditions["runner"]["target"] == host_runner.target
    assert f"ncnn-runner {host_runner.ncnn_version}" in conditions["runtime_version"]
    settings = conditions["runtime_settings"]
    assert settings["ncnn-runner.num_threads"] == settings["ncnn.num_threads"] == 1


def test_every_file_that_ran_is_named_with_its_hash(
    result: dict, bundle: Bundle, host_runner: Runner
):
    hashes = {file["sha256"] for file in result["files"]}
    refs = [
        ref
        for graph in ("keyframe", "fold")
        for kind, precision in (("ncnn", "fp32"), ("ncnn", "fp16-storage"), ("onnx", "fp32"))
        for ref in bundle.artifact(graph, kind, precision).files
    ]
    assert hashes >= {host_runner.sha256, *(ref.sha256 for ref in refs)}


def test_ncnn_is_the_native_runner_where_that_is_built(host_runner: Runner):
    assert [r.name for r in measurable("ncnn,ncnn-runner,ncnn:fp16-storage")] == [
        "ncnn-runner", "ncnn-runner:fp16-storage",
    ]  # fmt: skip


@pytest.fixture
def not_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder of builds that has none."""
    monkeypatch.setenv(BUILDS_VARIABLE, str(tmp_path / "builds"))


@pytest.mark.usefixtures("not_built")
def test_where_it_is_not_built_ncnn_is_the_wheel_and_a_note_says_so(phone_bundle: Path):
    ran = run("bench", phone_bundle, "--runtime", "ncnn", *QUICK)
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["conditions"]["runtime"] == "ncnn-wheel"
    assert "Note: ncnn's wheel was measured, since the native runner" in ran.err


@pytest.mark.usefixtures("not_built")
def test_where_it_is_not_built_the_runner_is_refused_with_the_command(phone_bundle: Path):
    ran = run("bench", phone_bundle, "--runtime", "ncnn-runner", *QUICK)
    assert (ran.code, ran.out) == (5, "")
    assert "mobileinst runner build --target" in ran.err
    with pytest.raises(DeviceError, match="runner build --target"):
        needed_runner()


def test_each_process_begins_with_a_session_that_nothing_is_compared_with(bundle: Bundle):
    runtimes = [RUNTIMES["ncnn-runner"], RUNTIMES["ncnn"]]
    control, jobs = control_job(runtimes), plan(bundle, runtimes, ("fold",))
    own, others = (control, *jobs[:2]), jobs[2:]
    assert with_spare(own, control) == own
    assert [job.name for job in with_spare(others, control)] == [SPARE, *(j.name for j in others)]
    assert with_spare((), control) == ()


def test_its_outputs_are_the_wheels(bundle: Bundle, host_runner: Runner):
    for graph in ("keyframe", "fold"):
        inputs = golden_inputs(bundle, graph, 1)  # not the ones that its job is made with
        ours, theirs = (
            RUNTIMES[name].load(bundle, graph).run(inputs) for name in ("ncnn-runner", "ncnn")
        )
        assert ours.keys() == theirs.keys()
        for name, array in theirs.items():
            assert ours[name].shape == array.shape
            np.testing.assert_allclose(ours[name], array, atol=1e-3 * np.abs(array).max())


def test_parity_takes_it_by_name(phone_bundle: Path, host_runner: Runner):
    ran = run("parity", phone_bundle, "--runtimes", "ncnn-runner", "--format", "json")
    assert ran.code == 0, ran.err


def test_a_file_that_changed_since_is_a_failed_run(
    bundle: Bundle, host_runner: Runner, tmp_path: Path
):
    changed = open_bundle(Path(shutil.copytree(bundle.path, tmp_path / "bundle")))
    session = RUNTIMES["ncnn-runner"].load(changed, "fold")
    weights = changed.locate(changed.artifact("fold", "ncnn").files[1])
    weights.write_bytes(weights.read_bytes()[::-1])
    with pytest.raises(RunError, match="was changed"):
        session.run(golden_inputs(changed, "fold", 0))

"""Several runtimes in one run of bench."""

import json
from importlib.metadata import version
from pathlib import Path

import pytest
import torch

from export.golden_io import golden_inputs
from export.manifest import open_bundle
from mobileinst_deploy.bench.plan import plan
from mobileinst_deploy.runtimes import RUNTIMES
from tests.command import Ran, run
from tests.mobileinst_deploy.refusal import Capture, refused

GRAPHS = ["keyframe", "reuse_plain", "fold", "reuse_folded", "keyframe_literal"]
QUICK = ("--warmup", 0, "--iterations", 3)


@pytest.fixture(scope="module")
def ran(phone_bundle: Path) -> Ran:
    """ncnn first, and half of its weights beside ONNX Runtime."""
    runtimes = "ncnn-wheel,onnxruntime,ncnn-wheel:fp16-storage"
    return run("bench", phone_bundle, "--runtime", runtimes, *QUICK, "--format", "json")


@pytest.fixture(scope="module")
def result(ran: Ran) -> dict:
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def test_the_first_runtime_has_the_graphs_own_names(result: dict):
    behind = [f"{r}/{g}" for r in ("onnxruntime", "ncnn-wheel:fp16-storage") for g in GRAPHS]
    assert [*result["graphs"]] == [*GRAPHS, *behind]


def test_every_graph_says_what_ran_it(result: dict):
    for name, graph in result["graphs"].items():
        runtime = name.rpartition("/")[0] or "ncnn-wheel"
        assert graph["runtime"] == runtime
        assert graph["precision"] == ("fp16-storage" if ":" in runtime else "fp32")
        assert len(graph["samples_ms"]) == 3
    assert (result["control"]["runtime"], result["control"]["precision"]) == ("ncnn-wheel", "fp32")


def test_ratios_are_to_the_first_runtimes_keyframe(result: dict):
    keyframe = result["graphs"]["keyframe"]["samples_ms"]
    assert result["graphs"]["keyframe"]["ratio_to_keyframe"] == 1
    for graph in result["graphs"].values():
        ratios = [a / b for a, b in zip(graph["samples_ms"], keyframe, strict=True)]
        assert min(ratios) <= graph["ratio_to_keyframe"] <= max(ratios)


def test_conditions_name_all_runtimes_and_what_they_were_told(result: dict):
    conditions = result["conditions"]
    assert conditions["runtime"] == "ncnn-wheel, onnxruntime, ncnn-wheel:fp16-storage"
    assert conditions["precision"] == "fp16-storage, fp32"
    versions = f"ncnn {version('ncnn')}, onnxruntime {version('onnxruntime')}"
    assert conditions["runtime_version"] == versions
    settings = conditions["runtime_settings"]
    assert (settings["ncnn.num_threads"], settings["onnxruntime.intra_op_num_threads"]) == (1, 1)
    assert settings["ncnn.use_fp16_arithmetic"] == 0
    assert {name.partition(".")[0] for name in settings} == {"ncnn", "onnxruntime"}


def test_one_runtime_alone_has_plain_names(phone_bundle: Path):
    options = ("--runtime", "ncnn-wheel", "--graphs", "fold", *QUICK)
    plain = json.loads(run("bench", phone_bundle, *options, "--format", "json").out)
    assert [*plain["graphs"]] == ["keyframe", "fold"]
    assert plain["conditions"]["runtime_version"] == version("ncnn")
    assert plain["conditions"]["runtime_settings"]["num_threads"] == 1


def test_the_table_shows_every_runtime(phone_bundle: Path):
    ran = run(
        "bench", phone_bundle, "--runtime", "onnxruntime,ncnn-wheel", "--graphs", "fold", *QUICK
    )
    assert ran.code == 0, ran.err
    shown = "".join(ran.out.split())
    assert all(
        name in shown for name in ("keyframe", "fold", "ncnn-wheel/keyframe", "ncnn-wheel/fold")
    )


def test_a_runtime_named_twice_runs_once(phone_bundle: Path):
    options = ("--runtime", "ncnn-wheel,ncnn-wheel", "--graphs", "fold", *QUICK, "--format", "json")
    assert [*json.loads(run("bench", phone_bundle, *options).out)["graphs"]] == ["keyframe", "fold"]


def test_jobs_are_every_graph_in_every_runtime(phone_bundle: Path):
    runtimes = (RUNTIMES["torch"], RUNTIMES["ncnn"])
    jobs = plan(open_bundle(phone_bundle), runtimes, ("fold",))
    assert [(job.name, job.runtime.name, job.graph) for job in jobs] == [
        ("keyframe", "torch", "keyframe"),
        ("fold", "torch", "fold"),
        ("ncnn/keyframe", "ncnn", "keyframe"),
        ("ncnn/fold", "ncnn", "fold"),
    ]


def test_pytorch_runs_on_the_one_thread_that_conditions_state(phone_bundle: Path):
    seen: list[int] = []
    session = RUNTIMES["torch"].load(open_bundle(phone_bundle), "fold")
    session.module.register_forward_hook(lambda *_: seen.append(torch.get_num_threads()))
    before = torch.get_num_threads()
    session.run(golden_inputs(open_bundle(phone_bundle), "fold", 0))
    assert seen == [1]
    assert torch.get_num_threads() == before


REFUSED = [
    ("tnn-interpreter", 2, "tnn-interpreter is there to compare numbers, its latency means noth"),
    ("ncnn,tnn-interpreter:fp16-storage", 2, "tnn-interpreter:fp16-storage is there to compare"),
    ("tnn", 2, "tnn is there to compare numbers"),
    ("foo", 2, "unknown runtime 'foo': known are torch, onnxruntime"),
    ("", 2, "unknown runtime ''"),
    ("ncnn", 3, "bundle.* ncnn .*; .*--targets"),
    ("onnxruntime,ncnn:fp16-storage", 3, "bundle.* ncnn fp16-storage"),
]


@pytest.mark.parametrize(("runtime", "code", "says"), REFUSED)
def test_refusal(workplace: Path, runtime: str, code: int, says: str, capfd: Capture):
    command = f"bench bundle --runtime '{runtime}' --warmup 0 --iterations 2 -o times.json"
    refused(command, code, says, capfd)

"""Sections of results that are costly to come by: profiles and the paper's tables."""

import json
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from android_bench.measurement.layers import LayerSamples, profile_graph
from android_bench.measurement.results import BenchResult, encode
from mobileinst_deploy.report.inputs import load
from mobileinst_deploy.report.measured_points import is_same
from mobileinst_deploy.report.sections import layers, tables
from mobileinst_deploy.report.sections.heat import STEPS, step
from tests.command import run
from tests.mobileinst_deploy.reproduce.toys import SIZE, write_toys

TABLE = 7


@pytest.fixture(scope="module")
def reproduced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tab. 7 of networks that take microseconds, and its only network's bundle."""
    root = tmp_path_factory.mktemp("tables")
    write_toys(root / "toys", [TABLE])
    ran = run(
        *("reproduce", "--tables", TABLE, "--bundles", root / "toys", "--size", SIZE),
        *("--iterations", 4, "--warmup", 0, "--skip-macs", "-o", root / "tables.json"),
    )
    assert ran.code == 0, ran.err
    return root / "tables.json"


def test_ratios_stand_beside_the_papers(reproduced: Path):
    made = tables.make(load([reproduced]))
    assert made.section is not None
    (part,) = made.section.parts
    figure = next(block for block in part.blocks if block.kind == "figure")
    for row in json.loads(reproduced.read_text())["tables"][0]["rows"]:
        assert f"{row['row']}: paper {row['paper_ratio']:.3g}" in figure.wide
        assert f"{row['timing']['ratio']:.2f}" in figure.wide
    assert ("input", SIZE.replace("x", "\N{MULTIPLICATION SIGN}")) in part.conditions.rows


def test_macs_alone_have_no_ratios(reproduced: Path, tmp_path: Path):
    document = json.loads(reproduced.read_text())
    document["run"] = None
    counted = tmp_path / "macs.json"
    counted.write_text(json.dumps(document))
    made = tables.make(load([counted]))
    assert made.section is None
    assert made.left_out[0].why == "only MACs were asked for, nothing was timed"


def test_layers_of_a_profile(reproduced: Path, tmp_path: Path):
    bundle = next((reproduced.parent / "toys").iterdir())
    bench = tmp_path / "bench.json"
    assert run("bench", bundle, "--iterations", 4, "--warmup", 0, "-o", bench).code == 0
    result = msgspec.json.decode(bench.read_bytes(), type=BenchResult)
    samples = {"stem": (3.0, 5.0), "head": (1.0, 1.0), "tail": (4.0, 4.0)}
    timed = [
        LayerSamples(index, "Conv" if index else "Pool", name, own)
        for index, (name, own) in enumerate(samples.items())
    ]
    profile = profile_graph(timed, (8.0, 8.0))
    bench.write_bytes(encode(replace(result, profile={"keyframe": profile})))
    made = layers.make(load([bench]))
    assert made.section is not None
    assert made.section.finding == "Conv layers take 56 % of keyframe"
    slowest = made.section.parts[0].blocks[0]
    described = "stem: 4.000 ms, 44.4 %; tail: 4.000 ms, 44.4 %; head: 1.000 ms, 11.1 %"
    assert described in slowest.wide
    assert "together 9.000 ms: +12.5% on the whole graph's 8.000 ms" in slowest.caption


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        *((0, 1), (1e-9, 1), (0.9e-3, STEPS - 3), (1e-3, STEPS - 3)),
        *((0.05, STEPS - 1), (0.1, STEPS - 1), (0.11, STEPS), (1, STEPS)),
    ],
)
def test_a_step_of_colour_for_each_power_of_ten(used: float, expected: int):
    assert step(used) == expected


@pytest.mark.parametrize(
    ("timed", "precision", "evaluated", "same"),
    [
        ("ncnn-runner", "fp32", ("ncnn", "fp32"), True),
        ("ncnn-wheel", "fp16-storage", ("ncnn:fp16-storage", "fp16-storage"), True),
        ("ncnn-runner", "fp32", ("ncnn:fp16-storage", "fp16-storage"), False),
        ("onnxruntime", "fp32", ("ncnn", "fp32"), False),
        ("onnxruntime", "fp32", (None, None), False),
    ],
)
def test_latency_and_ap_are_of_the_same_files(timed: str, precision: str, evaluated, same: bool):
    runtime, evaluated_precision = evaluated
    assert is_same(timed, precision, runtime, evaluated_precision) == same

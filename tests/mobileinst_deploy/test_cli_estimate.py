"""What `mobileinst estimate` prints and refuses."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from android_bench.measurement import results
from android_bench.measurement.layers import LayerSamples, profile_graph
from tests.android_bench.synthetic import TEMPLATE
from tests.command import run
from tests.mobileinst_deploy import refusal
from tests.mobileinst_deploy.estimate.machines import FASTER_THAN_ANY, ROUND_TOML, written
from tests.mobileinst_deploy.refusal import refused, row
from tests.mobileinst_deploy.test_without_torch import run_without_torch

PHONE = ("--device-profile", "snapdragon-778g")
GRAPHS = ["keyframe", "reuse_plain", "fold", "reuse_folded", "keyframe_literal"]


def estimate(bundle: Path, *options: object) -> dict:
    ran = run("estimate", bundle, *options, "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    return json.loads(ran.out)


def test_the_table_says_that_it_is_a_bound_and_what_it_assumes(small_bundle: Path):
    ran = run("estimate", small_bundle, *PHONE, "--layers")
    assert (ran.code, ran.err) == (0, "")
    shown = " ".join(ran.out.split())
    assert "A lower bound of the latency" in shown
    assert "It is no measurement" in shown
    assert "cortex-a78 at 2400 MHz, at most 19.2 GMAC/s in fp32" in shown
    assert all(f" {graph} " in ran.out for graph in GRAPHS)
    assert "mask_decoder.project Conv" in shown
    assert "Winograd's transforms" in shown
    assert "L3: the largest size" in shown


def test_json_is_the_same_every_time_and_holds_layers_when_asked(small_bundle: Path):
    first, again = (run("estimate", small_bundle, *PHONE, "--format", "json") for _ in range(2))
    assert first.out == again.out
    short, whole = json.loads(first.out), estimate(small_bundle, *PHONE, "--layers")
    assert whole["schema_version"] == 1
    assert list(whole["graphs"]) == list(short["graphs"])
    keyframe = whole["graphs"]["keyframe"]
    assert short["graphs"]["keyframe"] == {**keyframe, "layers": []}
    assert sum(one["bound_ms"] for one in keyframe["layers"]) == keyframe["bound_ms"]
    folded = short["amortised_ms"]["folded"]
    assert folded["1"] == keyframe["bound_ms"]
    assert folded["6"] < folded["3"] < folded["1"]
    assert (short["published"], short["measured"]) == ([], None)


def test_options_reach_the_bound(small_bundle: Path):
    def keyframe(*options: str) -> float:
        return estimate(small_bundle, *PHONE, *options)["graphs"]["keyframe"]["bound_ms"]

    direct = keyframe("--convolution", "direct")
    assert keyframe() == keyframe("--convolution", "winograd") < direct
    assert keyframe("--convolution", "direct", "--precision", "fp16") < direct
    assert keyframe("--convolution", "direct", "--core", "little") > 2 * direct


def test_whatever_is_measured_takes_longer_than_the_bound_of_a_faster_machine(
    small_bundle: Path, tmp_path: Path
):
    profile, result = written(tmp_path / "fast.toml", FASTER_THAN_ANY), tmp_path / "bench.json"
    options = ("--iterations", 4, "--warmup", 1, "-o", result)
    assert run("bench", small_bundle, *options).code == 0
    found = estimate(small_bundle, "--device-profile", profile, "--result", result)["measured"]
    assert {graph["name"] for graph in found["graphs"]} == set(GRAPHS)
    assert all(0 < graph["share"] < 1 for graph in found["graphs"])
    assert found["doubts"] == ["it was measured on this machine, which is no Round numbers"]
    table = run("estimate", small_bundle, "--device-profile", profile, "--result", result).out
    assert "Measured against the bound" in table
    assert "Doubt: it was measured on this machine" in table


def test_a_profiles_layers_are_shown_when_asked(small_bundle: Path, tmp_path: Path):
    stem = LayerSamples(0, "Convolution", "backbone.stem.0", (1.0, 1.0))
    profiled = replace(TEMPLATE, profile={"keyframe": profile_graph([stem], (2.0, 2.0))})
    results.save(profiled, tmp_path / "bench.json")
    options = (*PHONE, "--result", tmp_path / "bench.json")
    for asked, names in (((), []), (("--layers",), ["backbone.stem.1"])):
        found = estimate(small_bundle, *options, *asked)["measured"]
        assert [layer["name"] for layer in found["graphs"][0]["layers"]] == names
    assert "keyframe: layers, measured" in run("estimate", small_bundle, *options, "--layers").out


def test_a_host_without_torch_is_enough(small_bundle: Path):
    ran = run_without_torch("estimate", small_bundle, *PHONE)
    assert ran.returncode == 0, ran.stderr


def test_every_field_of_the_json_is_documented(small_bundle: Path):
    text = (Path(__file__).parents[2] / "docs/estimate.md").read_text()
    found = estimate(small_bundle, *PHONE, "--layers")
    keyframe = found["graphs"]["keyframe"]
    for fields in (found, found["machine"], keyframe, keyframe["layers"][0]):
        assert [name for name in fields if f"`{name}`" not in text] == []


REFUSALS = [
    row(
        "unknown profile",
        "estimate {bundle} --device-profile snapdragon-1",
        2,
        "no device profile 'snapdragon-1'; there are snapdragon-778g, snapdragon-8-gen-2, snapdrag",
    ),
    row("no profile", "estimate {bundle}", 2, "Missing option '--device-profile'"),
    row(
        "no such file",
        "estimate {bundle} --device-profile mine.toml",
        3,
        "can't read mine.toml: No such file",
    ),
    row(
        "not TOML",
        "estimate {bundle} --device-profile mine.toml",
        3,
        "mine.toml is not a device profile: .*docs/estimate.md has one",
        refusal.replace("mine.toml", b"title = "),
    ),
    row(
        "a number that makes no sense",
        "estimate {bundle} --device-profile mine.toml",
        3,
        "mine.toml is not a device profile: Expected `int` >= 1",
        refusal.replace("mine.toml", ROUND_TOML.replace("max_mhz = 1000", "max_mhz = 0").encode()),
    ),
    row(
        "a core that it lacks",
        "estimate {bundle} --device-profile mine.toml --core little",
        3,
        "Round numbers has no little core; it has prime",
        refusal.replace("mine.toml", ROUND_TOML.encode()),
    ),
    row(
        "not a result",
        "estimate {bundle} --device-profile snapdragon-778g --result mine.json",
        3,
        "mine.json is not a bench result",
        refusal.replace("mine.json", b"{}"),
    ),
    row("no bundle", "estimate nowhere --device-profile snapdragon-778g", 3, "nowhere"),
]


@pytest.mark.parametrize(("command", "code", "says", "prepare"), REFUSALS)
def test_refusals(small_bundle, tmp_path, monkeypatch, capfd, command, code, says, prepare):
    monkeypatch.chdir(tmp_path)
    prepare()
    refused(command.replace("{bundle}", str(small_bundle)), code, says, capfd)

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from android_bench.measurement import results
from tests.android_bench.synthetic import TEMPLATE, result_of
from tests.command import run
from tests.mobileinst_deploy.refusal import refused, row

TEN_MS = 10 + 0.05 * np.random.default_rng(0).normal(size=50)
OTHER = replace(TEMPLATE.conditions, precision="fp16", runtime="[bold]ncnn")
RESULTS = {
    "base": result_of({"keyframe": TEN_MS, "fold": TEN_MS}),
    "slower": result_of({"keyframe": 1.1 * TEN_MS, "fold": TEN_MS}),
    "a little slower": result_of({"keyframe": 1.04 * TEN_MS, "fold": TEN_MS}),
    "faster": result_of({"keyframe": 0.9 * TEN_MS, "fold": TEN_MS}),
    "other": result_of({"keyframe": TEN_MS, "literal": TEN_MS}, conditions=OTHER),
    "foreign": result_of({"somebody's": TEN_MS}),
}


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a file of each result."""
    monkeypatch.chdir(tmp_path)
    for name, result in RESULTS.items():
        results.save(result, Path(f"{name}.json"))
    return tmp_path


def compare(b: str, *options: str, a: str = "base"):
    return run("compare", f"{a}.json", f"{b}.json", *options)


CASES = [
    ("base", (), 0, "No regression found: 2 no difference."),
    ("slower", (), 1, "Regression: 1 slower (keyframe); 1 no difference."),
    ("faster", (), 0, "No regression found: 1 faster (keyframe); 1 no difference."),
    ("a little slower", (), 1, "Regression: 1 slower (keyframe); 1 no difference."),
    ("a little slower", ("--threshold", "5%"), 0, "No regression found: 2 no difference."),
    ("a little slower", ("--threshold", "0.05"), 0, "No regression found: 2 no difference."),
    ("other", (), 0, "No regression found: 1 no difference; 2 not comparable."),
]


@pytest.mark.parametrize(("b", "options", "code", "last"), CASES)
@pytest.mark.usefixtures("workplace")
def test_exit_code_and_last_line(b, options, code, last):
    ran = compare(b, *options)
    assert ran.code == code, ran.err
    assert ran.err == ""
    assert ran.out.splitlines()[-1].strip() == last


@pytest.mark.usefixtures("workplace")
def test_the_table_has_a_line_a_graph():
    lines = [line.split() for line in compare("slower").out.splitlines()]
    (keyframe,) = (line for line in lines if line[:1] == ["keyframe"])
    a_ms, b_ms, ratio = map(float, keyframe[1:4])
    assert b_ms / a_ms == pytest.approx(ratio, rel=0.01)
    assert keyframe[-1] == "slower"


@pytest.mark.usefixtures("workplace")
def test_the_table_says_what_differs_besides_and_why_something_is_not_compared():
    shown = " ".join(compare("other").out.split())
    assert "Measured under different conditions" in shown
    assert "precision fp32 fp16" in shown
    assert "runtime onnxruntime [bold]ncnn" in shown
    assert "Not comparable: fold: only A has it." in shown


@pytest.mark.parametrize(("b", "code"), [("base", 0), ("slower", 1)])
@pytest.mark.usefixtures("workplace")
def test_json_is_the_whole_comparison(b, code):
    ran = compare(b, "--format", "json")
    plain = json.loads(ran.out)
    assert ran.code == code
    assert plain["regression"] == bool(code)
    assert plain["threshold"] == 0.03
    assert [found["name"] for found in plain["rows"]] == ["keyframe", "fold"]
    assert len(plain["rows"][0]["interval"]) == 2


REFUSED = [
    row("missing file", "compare base.json none.json", 3, "can't read none.json: No such file"),
    row("a folder", "compare base.json .", 3, "can't read .: Is a directory"),
    row(
        "not JSON",
        "compare text base.json",
        3,
        "text is not a bench result",
        lambda: Path("text").write_text("no"),
    ),
    row(
        "another schema",
        "compare base.json old",
        3,
        "old has schema version 1",
        lambda: Path("old").write_text('{"schema_version": 1}'),
    ),
    row(
        "no common graph",
        "compare base.json foreign.json",
        3,
        "no graph is in both results: A has keyframe, fold, B has somebody's",
    ),
    row(
        "no share",
        "compare base.json base.json --threshold much",
        2,
        "such as 2% or 0.02, got 'much'",
    ),
    row("negative", "compare base.json base.json --threshold=-1%", 2, "got '-1%'"),
    row("all", "compare base.json base.json --threshold 100%", 2, "got '100%'"),
    row("one file", "compare base.json", 2, "Missing argument 'B'"),
]


@pytest.mark.parametrize(("command", "code", "says", "prepare"), REFUSED)
@pytest.mark.usefixtures("workplace")
def test_refusals(command, code, says, prepare, capfd):
    prepare()
    refused(command, code, says, capfd)

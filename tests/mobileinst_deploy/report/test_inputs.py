"""What is recognised as a result, and what is said of everything else."""

import json
from pathlib import Path

import pytest

from tests.command import run
from tests.mobileinst_deploy.evaluation.pixel_pictures import write_dataset
from tests.mobileinst_deploy.refusal import Capture, Prepare, folder, refused, replace, row
from tests.mobileinst_deploy.toy_bundle import write_bundle

GIVE = "give bundles' folders, what 'mobileinst bench -o' saved, or what 'mobileinst "


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A result of graphs that take microseconds, beside its bundle."""
    root = tmp_path_factory.mktemp("toy")
    write_bundle(root / "tiny")
    ran = run("bench", root / "tiny", "--iterations", 4, "--warmup", 0, "-o", root / "bench.json")
    assert ran.code == 0, ran.err
    return root / "bench.json"


def put(document: object) -> Prepare:
    return replace("x.json", json.dumps(document).encode())


def an_old_bench() -> None:
    put({"schema_version": 1, "graphs": {}, "amortised": {}, "noise_floor": {}})()


def half_a_parity() -> None:
    put({"schema_version": 2, "verdict": "pass", "comparisons": [{}]})()


def other_parity() -> None:
    put({"schema_version": 9, "verdict": "pass", "comparisons": []})()


def a_manifest_alone() -> None:
    write_bundle(Path("tiny"))


def a_changed_bundle() -> None:
    a_manifest_alone()
    Path("tiny/keyframe.onnx").write_bytes(b"")


@pytest.mark.parametrize(
    ("command", "code", "says", "prepare"),
    [
        row("none", "report -o r.html", 2, "Missing argument 'RESULT...'"),
        row("no-output", "report x.json", 2, "Missing option '-o'"),
        row("not-there", "report x.json -o r.html", 3, r"can't read x\.json: No such file"),
        row(
            "text",
            "report x.json -o r.html",
            3,
            rf"x\.json is not JSON .*; {GIVE}",
            replace("x.json"),
        ),
        row("bytes", "report x.json -o r.html", 3, "is not JSON", replace("x.json", b"\xff\x00")),
        row("empty", "report x.json -o r.html", 3, "got an object with nothing", put({})),
        row("number", "report x.json -o r.html", 3, "got int; give", put(3)),
        row("tracks", "report x.json -o r.html", 3, "got a list of 2; give", put([{}, {}])),
        row(
            "other",
            "report x.json -o r.html",
            3,
            "got an object with a, b, c, d, e, f and 1 more",
            put(dict.fromkeys("abcdefg", 0)),
        ),
        row(
            "manifest",
            "report tiny/manifest.json -o r.html",
            3,
            "a bundle's manifest: give the bundle's folder",
            a_manifest_alone,
        ),
        row("folder", "report x -o r.html", 3, "x is not a bundle", folder("x")),
        row("changed", "report tiny -o r.html", 3, "keyframe.onnx was changed", a_changed_bundle),
        row("old", "report x.json -o r.html", 3, "schema version 1, .*measure again", an_old_bench),
        row("half", "report x.json -o r.html", 3, "'mobileinst parity' but is none", half_a_parity),
        row("newer", "report x.json -o r.html", 3, "schema version 9, expected 2", other_parity),
        row("where", "report x.json -o no/r.html", 2, "there is no folder no", put({})),
        row("kept", "report x.json -o x.json", 2, "give --overwrite to replace it", put({})),
    ],
)
def test_refusals(
    command: str,
    code: int,
    says: str,
    prepare: Prepare,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: Capture,
):
    monkeypatch.chdir(tmp_path)
    prepare()
    refused(command, code, says, capfd)


def test_one_result_alone_is_a_page(bench: Path, tmp_path: Path):
    output = tmp_path / "report.html"
    ran = run("report", bench, "-o", output, "--title", "Monday")
    assert (ran.code, ran.out.count("\n")) == (0, 1)
    assert ran.out.startswith("Latency: tiny: keyframe graph ")
    shown = output.read_text()
    assert "<title>Monday</title>" in shown
    assert shown.count("<section") == 2  # and what is left out
    refused_again = run("report", bench, "-o", output)
    assert (refused_again.code, output.read_text()) == (2, shown)
    assert run("report", bench, "-o", output, "--overwrite").code == 0


def test_a_list_of_phones_is_several_results(bench: Path, tmp_path: Path):
    both = tmp_path / "both.json"
    both.write_text(f"[{bench.read_text()},{bench.read_text()}]")
    ran = run("report", both, bench.parent / "tiny", "-o", tmp_path / "report.html")
    assert ran.code == 0, ran.err
    shown = (tmp_path / "report.html").read_text()
    assert shown.count("<h3>tiny on ") == 2
    assert shown.count("which is on this page") == 2


def without_processor(bench: dict) -> None:
    bench["conditions"]["cpu_model"] = None


def emulated(bench: dict) -> None:
    bench["emulated"] = True


def without_version(bench: dict) -> None:
    bench["conditions"].update(runtime_version="", inputs="")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (without_processor, "not known: the processor"),
        (without_version, "not known: the runtime's version, the inputs"),
        (emulated, "the device is emulated: correctness only, no time means anything"),
    ],
)
def test_figures_without_conditions_are_left_out(bench: Path, tmp_path: Path, change, why: str):
    document = json.loads(bench.read_text())
    change(document)
    file, output = tmp_path / "x.json", tmp_path / "report.html"
    file.write_text(json.dumps(document))
    ran = run("report", file, "-o", output)
    assert (ran.code, ran.out) == (0, "")
    assert f"Left out latency in x.json: {why}\n" in ran.err
    shown = output.read_text()
    assert "<figure" not in shown
    assert f"<dt>latency in x.json</dt><dd>{why.replace(chr(39), '&#39;')}</dd>" in shown


def test_ap_of_a_file_of_results_is_left_out(tmp_path: Path):
    write_dataset(tmp_path, 5, 4)
    evaluated, output = tmp_path / "eval.json", tmp_path / "report.html"
    (tmp_path / "results.json").write_text("[]")
    data = ("--results", tmp_path / "results.json", "--ground-truth", tmp_path / "instances.json")
    assert run("eval", *data, "-o", evaluated).code == 0
    ran = run("report", evaluated, "-o", output)
    assert (ran.code, ran.out) == (0, "")
    assert "Left out AP in eval.json: a file of results does not say what made them\n" in ran.err


def test_help_has_an_example():
    ran = run("report", "--help")
    assert ran.code == 0
    assert "mobileinst report out/base parity.json bench.json -o report.html" in ran.out

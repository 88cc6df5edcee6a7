"""`mobileinst reproduce` as a user runs it."""

import shutil
from dataclasses import replace as replace_fields
from pathlib import Path

import msgspec
import pytest

from export.manifest import read_bundle, write_manifest
from mobileinst_deploy.reproduce.result import decode
from tests.command import Ran, run
from tests.mobileinst_deploy.refusal import folder, refused, replace, row
from tests.mobileinst_deploy.reproduce.toys import SIZE, write_toys

QUICK = ("--skip-macs", "--iterations", 3, "--warmup", 1)
NO_SE = "mobileinst-topformer-b-no-se"


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Toys for all networks of all tables."""
    path = tmp_path_factory.mktemp("bundles") / "zoo"
    write_toys(path, range(1, 8))
    return path


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def reproduce(zoo: Path, *options: object) -> Ran:
    ran = run("reproduce", "--bundles", zoo, "--size", SIZE, *QUICK, *options)
    assert ran.code == 0, ran.err
    return ran


def test_all_tables_are_of_one_run(zoo):
    result = decode(reproduce(zoo, "--format", "json").out.encode())
    assert [table.number for table in result.tables] == [*range(1, 8)]
    for table in result.tables:
        ratios = {row.row: row.timing.ratio for row in table.rows}
        assert ratios[table.reference] == 1
        assert not any(row.missing for row in table.rows)
    assert {len(graph.samples_ms) for graph in result.run.graphs.values()} == {3}
    assert result.run.manifests.keys() == {row.model for t in result.tables for row in t.rows}
    assert (result.height, result.width, result.run.conditions.device) == (8, 8, "host")


def test_tables_stand_beside_their_conditions(zoo):
    ran = reproduce(zoo, "--tables", "1,7")
    shown = " ".join(ran.out.split())
    assert "Tab. 1: Instance segmentation on COCO" in shown
    assert "Tab. 7: Kernel reuse" in shown
    assert "of the time of SparseInst, TopFormer; in the paper 0.498." in shown
    assert "3 iterations after 1 to warm up" in shown
    assert "Noise floor: the first reference, loaded twice" in shown
    assert "Input 8x8, the paper's 320x640: the two are not of one network." in shown
    assert ran.err == "Next: mobileinst reproduce --tables 1,7 -o tables.json\n"


def test_markdown_has_the_rows_that_were_asked_for(zoo):
    rows = ("--tables", "6", "--rows", "mobileinst-topformer-b-20-queries")
    lines = reproduce(zoo, *rows, "--format", "markdown").out.splitlines()
    table = [line.strip("|").split("|") for line in lines if line.startswith("|")]
    assert [cells[0].strip() for cells in table] == ["row", "---", "100", "20"]
    assert {len(cells) for cells in table} == {7}
    assert [cells[4].strip() for cells in table[2:]] == ["1.000", f"{143 / 154:.3f}"]
    assert lines[0] == "**Tab. 6: Object queries**"
    assert any(line.startswith("- Noise floor: ") for line in lines)


def test_it_is_saved_as_it_is_printed(zoo, workplace):
    table = ("--tables", "7")
    printed = reproduce(zoo, *table, "--format", "json", "-o", "t.json")
    assert Path("t.json").read_text() == printed.out
    printed = reproduce(zoo, *table, "--format", "markdown", "-o", "t.md")
    assert Path("t.md").read_text() == printed.out
    assert printed.err.splitlines()[0] == "Saved t.md"


def test_a_real_network_has_all_columns(small_bundle, workplace):
    """The smallest one passes for that of Tab. 7."""
    bundle = read_bundle(Path(shutil.copytree(small_bundle, workplace / "zoo" / NO_SE)))
    named = replace_fields(bundle.manifest.model, name=NO_SE)
    write_manifest(bundle.path, replace_fields(bundle.manifest, model=named))
    command = ("reproduce", "--tables", 7, "--size", "96x160", "--bundles", "zoo", *QUICK[1:])
    ran = run(*command, "--format", "json")
    assert ran.code == 0, ran.err
    result = decode(ran.out.encode())
    (table,) = result.tables
    keyframe, *reuse = table.rows
    assert keyframe.timing.post_ms > 0
    assert keyframe.macs.paper_gmacs == 8.75
    assert {row.timing.graphs for row in reuse} == {
        ("keyframe", "reuse_plain"),
        ("keyframe", "fold", "reuse_folded"),
    }
    assert result.run.graphs[f"{NO_SE}/post"].runtime == "numpy"


def test_macs_alone_measure_nothing():
    rows = ("--tables", "3", "--rows", "mobileinst-topformer-b-global", "--size", "64x96")
    ran = run("reproduce", "--macs-only", *rows, "--format", "json")
    assert ran.code == 0, ran.err
    result = msgspec.json.decode(ran.out)
    assert result["run"] is None
    (table,) = result["tables"]
    assert [row["macs"]["paper_gmacs"] for row in table["rows"]] == [8.69, 8.75]
    assert table["rows"][0]["macs"]["gmacs"] < table["rows"][1]["macs"]["gmacs"]
    shown = run("reproduce", "--macs-only", *rows).out
    assert "GMACs" in shown
    assert "ratio" not in shown


REFUSALS = [
    row("a table that is none", "reproduce --tables 8", 2, "unknown table '8'"),
    row("a row that is none", "reproduce --rows yolov8", 2, "no row of 'yolov8' in Tab. 1, 2"),
    row("a row of another table", f"reproduce --tables 1 --rows {NO_SE}", 2, "in Tab. 1: they"),
    row("a size that is none", "reproduce --size 32", 2, "is no size"),
    row("a size between steps", "reproduce --size 33x64", 2, "multiples of 32"),
    row("MACs of that size", "reproduce --macs-only --size 33x64", 2, "multiples of 32"),
    row("nothing at all", "reproduce --macs-only --skip-macs", 2, "--skip-macs makes no sense"),
    row("a run without one", "reproduce --macs-only --core 0", 2, "--core makes no sense"),
    row("a phone's option", "reproduce --cool-down 3", 2, "--cool-down needs a phone"),
    row("a core that is none", "reproduce --core prime", 2, "no core of this machine"),
    row("two runtimes", "reproduce --runtime ncnn,onnxruntime", 2, "expected one runtime"),
    row("a runtime without files", "reproduce --runtime torch", 2, "expected one runtime"),
    row("a runtime that is none", "reproduce --runtime tflite", 2, "unknown runtime 'tflite'"),
    row("a file that is there", "reproduce -o t.json", 2, "--overwrite", replace("t.json")),
    row("a folder for a file", "reproduce -o zoo/t.json", 2, "there is no folder zoo"),
    row(
        "somebody's folder",
        "reproduce --tables 7 --bundles zoo",
        2,
        f"zoo/{NO_SE} exists and is not a bundle",
        lambda: (Path("zoo").mkdir(), folder(f"zoo/{NO_SE}", "notes.txt")()),
    ),
]


@pytest.mark.usefixtures("workplace")
@pytest.mark.parametrize(("command", "code", "says", "prepare"), REFUSALS)
def test_what_cannot_be_done_is_refused_in_one_line(command, code, says, prepare, capfd):
    prepare()
    refused(command, code, says, capfd)

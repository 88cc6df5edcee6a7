"""`mobileinst train`: what it says, what it leaves, how it goes on, what it refuses."""

import contextlib
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from safetensors.numpy import load_file

from export.threads import one_thread
from mobileinst_deploy.cli.train_runs import resumable
from mobileinst_deploy.training import TrainWishes
from models.checkpoint import save_weights
from models.zoo import MobileInstConfig, build
from tests.command import Ran, run
from tests.mobileinst_deploy.refusal import Capture, cut, folder, refused, replace, row
from tests.mobileinst_deploy.test_stopping import LATEST_S, started, wait_for
from tests.mobileinst_deploy.training_runs import set_up, write_config


@pytest.fixture(scope="module", autouse=True)
def single_thread() -> Iterator[None]:
    """Here and in what is started: two threads wait for each other on a busy machine."""
    with one_thread(), mock.patch.dict(os.environ, OMP_NUM_THREADS="1"):
        yield


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ran]:
    """A place with run.toml and "mine", the run of it; not to be changed."""
    place = tmp_path_factory.mktemp("trained")
    set_up(place)
    ran = run("train", place / "run.toml", "-o", place / "mine")
    assert ran.code == 0, ran.err
    return place, ran


@pytest.fixture
def place(trained: tuple[Path, Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it: the current folder."""
    shutil.copytree(trained[0], tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_it_says(trained: tuple[Path, Ran]):
    where, ran = trained
    assert "Loss at the end of 4 iterations" in ran.out
    assert re.fullmatch(
        r"6 labelled frames, 2 categories; 4 iterations of 2 samples\n"
        r"iteration 2 of 4: loss \d+\.\d{3}, \d+\.\d\d iterations/s\n"
        r"iteration 4 of 4: loss \d+\.\d{3}, \d+\.\d\d iterations/s\n"
        rf"Saved {where}/mine/weights.safetensors\n"
        rf"Next: mobileinst export {where}/mine -o {where}/mine-bundle\n",
        ran.err,
    )


def test_what_it_leaves(trained: tuple[Path, Ran]):
    mine = trained[0] / "mine"
    assert sorted(path.name for path in mine.iterdir()) == [
        "categories.json", "checkpoint", "config.json", "log.csv", "weights.safetensors"
    ]  # fmt: skip
    categories = json.loads((mine / "categories.json").read_text())["categories"]
    assert categories == [{"id": 3, "name": "square"}, {"id": 7, "name": "round"}]
    config = json.loads((mine / "config.json").read_text())
    assert config["preprocessing"]["resize"] == "stretch"
    assert config["optimiser"]["weight_decay"] == 0.05  # what the file left out, too


def test_the_summary_as_json_of_a_run_that_was_over(place: Path):
    before = load_file("mine/weights.safetensors")
    ran = run("train", "run.toml", "-o", "mine", "--resume", "--format", "json")
    assert ran.code == 0, ran.err
    summary = json.loads(ran.out)
    told = {key: summary[key] for key in ("folder", "categories", "frames", "iterations")}
    assert told == {"folder": "mine", "categories": 2, "frames": 6, "iterations": 4}
    assert summary["last"]["iteration"] == 4
    after = load_file("mine/weights.safetensors")
    assert all((after[name] == before[name]).all() for name in before)


def test_paths_are_from_data_where_it_is_given(place: Path):
    (place / "elsewhere").mkdir()
    shutil.move("ytvis.json", "elsewhere")
    for video in ("0", "1"):
        shutil.move(video, "elsewhere")
    ran = run("train", "run.toml", "-o", "new", "--data", "elsewhere")
    assert ran.code == 0, ran.err


def test_weights_of_other_classes(place: Path):
    save_weights(
        build(MobileInstConfig("topformer-tiny", num_queries=6, dim=32, num_heads=2)),
        place / "eighty.safetensors",
    )
    ran = run("train", "run.toml", "-o", "new", "--weights", "eighty.safetensors")
    assert ran.code == 0, ran.err
    assert "eighty.safetensors is of other classes: the class head begins anew\n" in ran.err
    config = json.loads(Path("new/config.json").read_text())
    assert config["weights"] == str(place / "eighty.safetensors")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda n: n.name)
def test_a_stopped_run_says_how_to_go_on(place: Path, number: signal.Signals):
    schedule = "{ iterations = 100000, batch_size = 2 }"
    write_config(place / "long.toml", schedule=schedule, run="{ checkpoint_every = 2 }")
    with started(number, "train", "long.toml", "-o", "long run") as process:
        wait_for((place / "long run/checkpoint").exists, process)
        process.send_signal(number)
        out, err = process.communicate(timeout=LATEST_S)
    assert (process.returncode, out) == (128 + number, "")
    assert re.search(
        r"\nKept the checkpoint of iteration \d*[02468]: go on with "
        r"'mobileinst train long\.toml -o 'long run' --resume'\n"
        r"Interrupted: nothing is left half written\.\n$",
        err,
    ), err
    assert not list(place.rglob("*.part"))


def test_stopped_before_the_first_checkpoint(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit), resumable(TrainWishes("run.toml", tmp_path)):
        raise SystemExit(130)
    assert capsys.readouterr().err == (
        "There was no checkpoint yet: the same command begins again\n"
    )


def test_a_bar_on_a_terminal(place: Path):
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "mobileinst_deploy", "train", "run.toml", "-o", "new"]
    with subprocess.Popen(command, stderr=theirs, stdout=subprocess.DEVNULL) as process:
        os.close(theirs)
        shown = read_all(ours)
    assert process.returncode == 0, shown
    assert "4/4" in shown
    assert re.search(r"loss \d+\.\d{3}, \d+\.\d\d iterations/s", shown)
    assert "iteration 4 of 4" not in shown


def read_all(terminal: int) -> str:
    """Until its other end is closed, which Linux reports as an error."""
    shown = b""
    with contextlib.suppress(OSError):
        while more := os.read(terminal, 4096):
            shown += more
    os.close(terminal)
    return shown.decode()


def test_two_processes_under_torchrun(place: Path):
    """One of them speaks and writes."""
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    command = [
        sys.executable,
        *torchrun,
        "-m",
        "mobileinst_deploy",
        "train",
        "run.toml",
        "-o",
        "two",
    ]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=LATEST_S)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count("Loss at the end of 4 iterations") == 1
    assert ran.stderr.count("Saved two/weights.safetensors") == 1
    assert sorted(os.listdir("two")) == sorted(os.listdir("mine"))


def edit(path: str, old: str, new: str):
    return lambda: Path(path).write_text(Path(path).read_text().replace(old, new))


def config(**changes: str):
    return lambda: write_config(Path("run.toml"), **changes)


NEW = "train run.toml -o new"
ON = "train run.toml -o mine --resume"
REFUSALS = [
    row("no such config", "train shape -o new", 3,
        "no config shape: expected a TOML file, or one of coco, emoji, shapes, ytvis"),
    row("shipped, no data", "train coco -o new", 2, "coco is a shipped config: say with --data"),
    row("shipped, other data", "train coco --data . -o new", 3,
        r"can't read coco/annotations/instances_train2017\.json: No such file"),
    row("no output", "train run.toml", 2, "--output"),
    row("no TOML", NEW, 3, r"run\.toml is not TOML", lambda: Path("run.toml").write_text("a b")),
    row("unknown key", NEW, 3, r"run\.toml: unknown key wheights", config(wheights='"x"')),
    row("wrong type", NEW, 3, r"Expected `int`, got `str` - at `\$\.run\.seed`",
        config(run='{ seed = "x" }')),
    row("no pictures' list", NEW, 3, r"can't read none\.json: No such file",
        config(data='{ layout = "ytvis", document = "none.json", pictures = "." }')),
    row("damaged list", NEW, 3, r"ytvis\.json is not JSON, or was cut", cut(Path("ytvis.json"))),
    row("the other layout", NEW, 3, r"coco\.json has no list 'videos'",
        config(data='{ layout = "ytvis", document = "coco.json", pictures = "." }')),
    row("classes", NEW, 3, r"ytvis\.json has 2 categories, but the model has 40 classes",
        config(model='"mobileinst-topformer-t-ytvis"')),
    row("checkpoint, no --resume", "train run.toml -o mine", 2,
        "mine has a checkpoint of iteration 4: give --resume to go on from it, or another folder"),
    row("--resume, no checkpoint", f"{NEW} --resume", 2, "new has no checkpoint to resume from"),
    row("another run", ON, 3, r"mine holds another run: its optimiser\.learning_rate is 0\.001",
        config(optimiser="{ learning_rate = 1e-4 }")),
    row("somebody's folder", NEW, 3, "new is not empty and holds no run",
        folder("new", "thesis.txt")),
    row("somebody's config", NEW, 3, "new/config.json is not of a training run, or damaged",
        folder("new", "config.json")),
    row("in a file", "train run.toml -o run.toml/x", 2, "run.toml is not a folder: choose"),
    row("a file", "train run.toml -o run.toml", 3, "run.toml is not a folder: give another"),
    row("no weights", f"{NEW} --weights none", 3, "none: no such file; expected weights"),
    row("others' weights", f"{NEW} --weights other.safetensors", 3, "not a checkpoint of this",
        lambda: save_weights(build(MobileInstConfig("topformer-tiny", dim=64)),
                             Path("other.safetensors"))),
    row("damaged progress", ON, 3, r"progress\.json can't be read",
        replace("mine/checkpoint/progress.json")),
]  # fmt: skip


@pytest.mark.parametrize(("command", "code", "says", "prepare"), REFUSALS)
def test_bad_input(place: Path, command: str, code: int, says: str, prepare, capfd: Capture):
    prepare()
    refused(command, code, says, capfd)


@pytest.mark.parametrize("file", ["weights.safetensors", "optimiser.safetensors"])
def test_a_checkpoint_that_was_cut(place: Path, file: str):
    """Heard of when the run goes on; everything stays as it was."""
    cut(Path("mine/checkpoint", file))()
    before = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
    ran = run("train", "run.toml", "-o", "mine", "--resume")
    assert ran.code == 3
    assert re.search(rf"\nError: mine/checkpoint/{file} [^\n]+\n$", ran.err), ran.err
    assert {path: path.read_bytes() for path in place.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("workers", [0, 1])
def test_a_picture_that_is_gone(place: Path, workers: int):
    """Heard of when it is its turn, also from a process of its own."""
    shutil.rmtree("1")
    write_config(Path("run.toml"), run=f"{{ workers = {workers} }}")
    ran = run("train", "run.toml", "-o", "new")
    assert ran.code == 3
    assert re.search(r"samples\nError: can't read 1/0000\d\.png: [^\n]{,60}\n$", ran.err), ran.err


def test_a_loss_that_is_no_number(place: Path):
    write_config(Path("wild.toml"), optimiser="{ learning_rate = 1e30 }")
    ran = run("train", "wild.toml", "-o", "wild")
    assert ran.code == 3
    assert re.search(r"\nError: [^\n]+: lower the learning_rate, or [^\n]+\n$", ran.err), ran.err

"""A training run becomes a bundle: its network, weights, input and categories."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from export.manifest import digest, open_bundle
from export.threads import one_thread
from mobileinst_deploy.tracking.categories import bundle_categories
from mobileinst_deploy.trained import find_network
from models.errors import ConfigError, UnknownModelError
from models.preprocessing import Preprocessing
from tests.command import run
from tests.mobileinst_deploy.training_runs import set_up

ONNX = ("--targets", "onnx", "--frames", 1, "--kernels", 5)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with "mine", a run; not to be changed."""
    folder = tmp_path_factory.mktemp("runs")
    set_up(folder)
    with one_thread():  # two wait for each other on a busy machine
        assert run("train", folder / "run.toml", "-o", folder / "mine").code == 0
    return folder


@pytest.fixture(scope="module")
def bundle(runs: Path) -> Path:
    ran = run("export", runs / "mine", "-o", runs / "bundle", *ONNX)
    assert ran.code == 0, ran.err
    assert "weights are drawn" not in ran.err
    return runs / "bundle"


@pytest.fixture
def mine(runs: Path, tmp_path: Path) -> Path:
    """A copy that may be damaged."""
    return Path(shutil.copytree(runs / "mine", tmp_path / "mine"))


def model_of(bundle: Path) -> dict[str, Any]:
    return json.loads((bundle / "manifest.json").read_text())["model"]


def test_network_and_weights_are_the_runs(runs: Path, bundle: Path):
    model = model_of(bundle)
    assert model["name"] == "mine"
    assert (model["config"]["num_queries"], model["config"]["num_classes"]) == (6, 2)
    assert model["weights"]["source_sha256"] == digest(runs / "mine/weights.safetensors")


def test_input_is_the_runs(bundle: Path):
    preprocessing = open_bundle(bundle).manifest.preprocessing
    assert preprocessing == Preprocessing(64, 96, "stretch")


def test_categories_are_the_datas(bundle: Path):
    assert bundle_categories(open_bundle(bundle)) == ((3, "square"), (7, "round"))
    assert "2: 3 square, 7 round" in run("inspect", bundle).out


def test_parity_holds(bundle: Path):
    assert run("parity", bundle).code == 0


def test_what_is_given_takes_the_place_of_the_runs(mine: Path):
    (mine / "weights.safetensors").unlink()
    checkpoint = mine / "checkpoint/weights.safetensors"
    found = find_network(str(mine), checkpoint, (32, 64), "letterbox")
    assert found.preprocessing == Preprocessing(32, 64, "letterbox")
    assert found.weights == checkpoint
    assert found.categories == ((3, "square"), (7, "round"))


def test_names_of_the_zoo_come_first_and_have_no_weights():
    found = find_network("mobileinst-topformer-t")
    assert (found.weights, found.categories) == (None, ())
    assert found.preprocessing == Preprocessing(320, 640)


def lose(name: str):
    return lambda mine: (mine / name).unlink()


def write(name: str, text: str):
    return lambda mine: (mine / name).write_text(text)


BAD = {
    "not over": (lose("weights.safetensors"), "mine has no weights.safetensors: the run is not"),
    "no categories": (lose("categories.json"), "can't read .*categories.json: No such file"),
    "damaged categories": (write("categories.json", "{"), "categories.json is damaged"),
    "others' categories": (
        write("categories.json", '{"categories": [{"id": 1, "name": "cat"}]}'),
        "mine has 1 categories, but its network has 2 classes",
    ),
    "no category 0": (
        write("categories.json", '{"categories": [{"id": 0, "name": "cat"}]}'),
        "Expected `int` >= 1",
    ),
    "another program's": (write("config.json", '{"model_type": "bert"}'), "not of a training run"),
}


@pytest.mark.parametrize(("damage", "says"), BAD.values(), ids=BAD)
def test_a_damaged_run_is_refused(mine: Path, damage, says: str):
    damage(mine)
    with pytest.raises(ConfigError, match=says):
        find_network(str(mine))


def test_more_kernels_than_queries(runs: Path, tmp_path: Path):
    ran = run("export", runs / "mine", "-o", tmp_path / "b", "--targets", "onnx")
    assert ran.code == 3
    assert ran.err == (
        "Error: 10 live kernels were asked for, but the network has 6 queries: "
        "give --kernels 1 to 6, or 'dynamic'\n"
    )


def test_a_folder_that_is_no_run(tmp_path: Path):
    with pytest.raises(UnknownModelError, match="no training run's folder, and the known names"):
        find_network(str(tmp_path))

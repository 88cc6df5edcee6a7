"""What is checked before the first iteration, and whose folder it is."""

import json
from dataclasses import replace

import msgspec
import pytest
import torch

from models.errors import CheckpointError, ConfigError, DataError
from models.training.config import (
    Data,
    Run,
    Schedule,
    TrainConfig,
    read_config,
    shipped_configs,
)
from models.training.data.transforms import Augmentation
from models.training.run_folder import claim, read_run_categories, read_run_config, weights_of
from models.training.starting import begin_with, prepare, start
from models.zoo import MobileInstConfig, build
from tests.models.training.conftest import DataSet
from tests.models.training.official import official_layout
from tests.models.training.runs import (
    ALONE,
    COCO,
    SMALL,
    StoppedError,
    run,
    small_config,
    stop_behind,
    weights,
)


@pytest.mark.parametrize("name", shipped_configs())
def test_shipped_configs_start_on_the_official_layouts(data_set: DataSet, name: str):
    """Of the whole run, one iteration of two small pictures; all else as it is shipped."""
    shipped = read_config(shipped_configs()[name])
    root = official_layout(data_set, shipped)
    config = msgspec.structs.replace(
        shipped,
        schedule=Schedule(iterations=1, batch_size=2),
        augmentation=Augmentation(short_sides=(48,), longest=96),
        run=Run(ema=shipped.run.ema),
    )
    losses: list[float] = []
    folder = data_set.folder / "run"
    start(config, root, folder, ALONE, lambda done, loss: losses.append(loss))
    assert len(losses) == 1
    assert losses[0] > 0
    assert len(read_run_categories(folder)) == config.network().num_classes
    assert weights_of(folder).is_file()


def test_the_folder_keeps_what_the_run_was(data_set: DataSet):
    folder = run(data_set, "kept", small_config(data=COCO))
    assert read_run_config(folder) == small_config(data=COCO)
    assert read_run_categories(folder) == ((3, "square"), (7, "round"))
    names = {path.name for path in folder.iterdir()}
    assert names == {
        "config.json", "categories.json", "log.csv", "checkpoint", "weights.safetensors"
    }  # fmt: skip


def test_folder_of_another_run(data_set: DataSet):
    run(data_set, "mine", small_config())
    before = weights(data_set.folder / "mine")
    other = small_config(schedule=Schedule(iterations=7, batch_size=2))
    with pytest.raises(ConfigError, match=r"mine holds another run: its schedule.iterations is 6"):
        run(data_set, "mine", other)
    assert weights(data_set.folder / "mine").keys() == before.keys()


def test_somebodys_folder(data_set: DataSet):
    with pytest.raises(ConfigError, match="is not empty and holds no run"):
        run(data_set, "0", small_config())  # the pictures'


def test_a_config_from_before_a_setting_was_there(data_set: DataSet):
    """What it does not say has its default."""
    prepared = prepare(small_config(), data_set.folder, begins=True)
    folder = data_set.folder / "run"
    claim(folder, prepared.config, prepared.categories)
    path = folder / "config.json"
    said = json.loads(path.read_text())
    assert said["run"].pop("ema") == 0
    path.write_text(json.dumps(said))
    claim(folder, prepared.config, prepared.categories)
    assert "ema" in path.read_text()


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"architectures": ["Bert"]}'])
def test_a_config_that_is_none(data_set: DataSet, text: str):
    folder = data_set.folder / "run"
    folder.mkdir()
    (folder / "config.json").write_text(text)
    with pytest.raises(ConfigError, match=r"config.json is not of a training run, or damaged"):
        run(data_set, "run", small_config())


def test_weights_of_a_run_that_is_not_over(data_set: DataSet):
    with pytest.raises(StoppedError):
        run(data_set, "torn", small_config(), stop_behind(2))
    with pytest.raises(ConfigError, match="the run is not over"):
        weights_of(data_set.folder / "torn")


def test_classes_of_another_data_set(data_set: DataSet):
    config = small_config(model=MobileInstConfig("topformer-tiny", dim=32, num_heads=2))
    with pytest.raises(ConfigError, match="has 2 categories, but the model has 80 classes"):
        prepare(config, data_set.folder, begins=True)


def test_data_that_is_not_there(data_set: DataSet):
    config = small_config(data=Data("coco", "none.json", "."))
    with pytest.raises(DataError, match=r"can't read .*none.json: No such file"):
        run(data_set, "x", config)
    assert not (data_set.folder / "x").exists()


def test_begins_with_weights_of_other_classes(data_set: DataSet):
    path = run(data_set, "first", small_config()) / "weights.safetensors"
    other = build(replace(SMALL, num_classes=5))
    head = other.heads.classify.weight.clone()
    (note,) = begin_with(other, path)
    assert note == f"{path} is of other classes: the class head begins anew"
    assert torch.equal(other.heads.classify.weight, head)
    name = "heads.objectness.weight"
    assert torch.equal(other.state_dict()[name], weights(path.parent)[name])


def test_begins_with_weights_of_the_same_classes(data_set: DataSet):
    path = run(data_set, "first", small_config()) / "weights.safetensors"
    config = small_config(weights="first/weights.safetensors")
    prepared = prepare(config, data_set.folder, begins=True)
    assert prepared.notes == ()
    for name, value in weights(path.parent).items():
        assert torch.equal(prepared.network.state_dict()[name], value), name


def test_only_a_run_that_begins_needs_them(data_set: DataSet):
    config: TrainConfig = small_config(weights="gone.safetensors")
    with pytest.raises(CheckpointError, match=r"gone.safetensors: no such file"):
        prepare(config, data_set.folder, begins=True)
    prepare(config, data_set.folder, begins=False)

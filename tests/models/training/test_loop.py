"""Runs of a few iterations: continued, shared by two processes, refused."""

import csv
import math
import os
import socket
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from models.errors import CheckpointError, ConfigError, TrainingError
from models.preprocessing import Preprocessing
from models.training.config import Data, Optimiser, Run, Schedule, TrainConfig
from models.training.data.transforms import Augmentation
from models.training.processes import Processes, joined
from models.training.starting import begin_with, start
from models.zoo import MobileInstConfig, build
from tests.models.training.conftest import DataSet

SMALL = MobileInstConfig("topformer-tiny", num_queries=4, num_classes=2, dim=32, num_heads=2)
ALONE = Processes()


def config(data_set: DataSet, **changes: object) -> TrainConfig:
    whole = TrainConfig(
        Data("ytvis", "ytvis.json", ".", reach=2),
        model=SMALL,
        preprocessing=Preprocessing(64, 96),
        augmentation=Augmentation(short_sides=(32, 48), longest=96),
        optimiser=Optimiser(1e-3),
        schedule=Schedule(iterations=6, batch_size=2, milestones=(4,), warmup=2),
        run=Run(checkpoint_every=100, log_every=2),
    )
    return msgspec.structs.replace(whole, **changes)


def run(data_set: DataSet, name: str, wanted: TrainConfig) -> Path:
    folder = data_set.folder / name
    start(wanted, data_set.folder, folder, ALONE, lambda iteration, loss: None)
    return folder


def weights(folder: Path) -> dict[str, Tensor]:
    return load_file(folder / "weights.safetensors")


def read_log(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / "log.csv").read_text().splitlines()))


def assert_same(one: dict[str, Tensor], other: dict[str, Tensor]) -> None:
    assert one.keys() == other.keys()
    for name, value in one.items():
        assert torch.equal(value, other[name]), name


class StoppedError(Exception):
    pass


def stop_behind(iterations: int):
    def report(done: int, loss: float) -> None:
        if done == iterations:
            raise StoppedError

    return report


@pytest.mark.parametrize("ema", [0.0, 0.9])
def test_continued_is_uninterrupted_to_the_bit(data_set: DataSet, ema: float):
    """Stopped behind the fifth iteration, with a checkpoint of the fourth."""
    wanted = config(data_set, run=Run(checkpoint_every=2, log_every=1, ema=ema))
    whole = run(data_set, "whole", wanted)
    with pytest.raises(StoppedError):
        start(wanted, data_set.folder, data_set.folder / "torn", ALONE, stop_behind(5))
    torn = run(data_set, "torn", wanted)
    assert_same(weights(torn), weights(whole))
    logs = [[{**row, "seconds": ""} for row in read_log(folder)] for folder in (torn, whole)]
    assert logs[0] == logs[1]
    assert [row["iteration"] for row in logs[0]] == ["1", "2", "3", "4", "5", "6"]


def test_images_alone(data_set: DataSet):
    """Without pairs, from COCO's layout; the passed terms are 0."""
    wanted = config(data_set, data=Data("coco", "coco.json", "."))
    folder = run(data_set, "coco", wanted)
    rows = read_log(folder)
    assert [row["passed_dice"] for row in rows] == ["0", "0", "0"]
    assert all(math.isfinite(float(row["total"])) for row in rows)


def test_log_adds_up(data_set: DataSet):
    rows = read_log(run(data_set, "log", config(data_set)))
    for row in rows:
        names = ("dice", "pixels", "passed_dice", "passed_pixels")
        masks = sum(float(row[name]) for name in names)
        total = 2 * float(row["classes"]) + 2 * masks + float(row["objectness"])
        assert float(row["total"]) == pytest.approx(total, rel=1e-4)
    assert [float(row["learning_rate"]) for row in rows] == pytest.approx([5.005e-4, 1e-3, 1e-4])


PROCESS = """
import sys
from pathlib import Path
import torch
from models.training.config import read_config
from models.training.processes import joined
from models.training.starting import start
torch.set_num_threads(1)
root = Path(sys.argv[1])
with joined() as processes:
    start(read_config(root / "run.toml"), root, root / sys.argv[2], processes, lambda i, l: None)
"""
TOML = """
data = {{ layout = "ytvis", document = "ytvis.json", pictures = ".", reach = 2 }}
model = {{ backbone = "topformer-tiny", num_queries = 4, num_classes = 2, dim = 32, num_heads = 2 }}
preprocessing = {{ height = 64, width = 96 }}
augmentation = {{ short_sides = [48], longest = 96 }}
optimiser = {{ learning_rate = 1e-3 }}
schedule = {{ iterations = {iterations}, batch_size = 4, milestones = [], warmup = 0 }}
run = {{ freeze_batch_norm = true, checkpoint_every = 100 }}
"""


def in_processes(data_set: DataSet, count: int, name: str) -> dict[str, Tensor]:
    """As torchrun starts them, with gloo."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"WORLD_SIZE": str(count), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, data_set.folder, name],
            env={**os.environ, **settings, "RANK": str(rank), "LOCAL_RANK": str(rank)},
        )
        for rank in range(count)
    ]
    assert [process.wait(120) for process in started] == [0] * count
    return weights(data_set.folder / name)


def test_two_processes_are_one(data_set: DataSet):
    """With the same batch between them. Sums are in another order: 1e-6 of a step of 1e-3.

    AdamW's first step is the gradient's sign times the rate, whatever its size, so that a parameter
    whose gradient is rounding noise may go either way: of those there are few.
    """
    (data_set.folder / "run.toml").write_text(TOML.format(iterations=1))
    one, two = in_processes(data_set, 1, "one"), in_processes(data_set, 2, "two")
    apart = total = 0
    for name, value in one.items():
        apart += int(((value.double() - two[name].double()).abs() > 1e-6).sum())
        total += value.numel()
    assert apart / total < 1e-3


def test_batch_that_can_not_be_shared(data_set: DataSet):
    wanted = config(data_set, schedule=Schedule(iterations=1, batch_size=3, milestones=()))
    with pytest.raises(TrainingError, match="can't be shared by 2"):
        start(wanted, data_set.folder, data_set.folder / "x", Processes(0, 2), lambda i, x: None)


def test_folder_of_another_run(data_set: DataSet):
    run(data_set, "first", config(data_set))
    other = config(data_set, optimiser=Optimiser(2e-3))
    with pytest.raises(ConfigError, match="another config"):
        run(data_set, "first", other)


def test_loss_that_is_no_number(data_set: DataSet):
    wanted = config(data_set, optimiser=Optimiser(1e30))
    with pytest.raises(TrainingError, match="lower the learning rate"):
        run(data_set, "wild", wanted)


@pytest.mark.parametrize("file", ["weights.safetensors", "optimiser.safetensors", "progress.json"])
def test_damaged_checkpoint(data_set: DataSet, file: str):
    wanted = config(data_set, run=Run(checkpoint_every=2))
    with pytest.raises(StoppedError):
        start(wanted, data_set.folder, data_set.folder / "torn", ALONE, stop_behind(3))
    path = data_set.folder / "torn/checkpoint" / file
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(CheckpointError, match="checkpoint") as caught:
        run(data_set, "torn", wanted)
    assert "\n" not in str(caught.value)


def test_classes_of_another_data_set(data_set: DataSet):
    wanted = config(data_set, model=MobileInstConfig("topformer-tiny", dim=32, num_heads=2))
    with pytest.raises(ConfigError, match="has 2 categories, but the model has 80"):
        run(data_set, "x", wanted)


def test_begins_with_weights_of_other_classes(data_set: DataSet):
    folder = run(data_set, "first", config(data_set))
    other = build(MobileInstConfig("topformer-tiny", num_queries=4, num_classes=5, dim=32,
                                   num_heads=2))  # fmt: skip
    head = other.heads.classify.weight.clone()
    begin_with(other, folder / "weights.safetensors")
    assert torch.equal(other.heads.classify.weight, head)
    trained = weights(folder)
    assert torch.equal(other.state_dict()["heads.objectness.weight"],
                       trained["heads.objectness.weight"])  # fmt: skip


def test_one_batch_is_overfitted(data_set: DataSet):
    """Mask IoU ≥ 0.95 on two pictures that it has seen often enough."""
    from models.training.data.samples import Recipe, Samples, collate
    from models.training.matcher import match
    from models.training.starting import read_data

    wanted = config(
        data_set,
        data=Data("coco", "coco.json", "."),
        augmentation=Augmentation(short_sides=(160,), longest=320, flip=0.0),
        optimiser=Optimiser(2e-3, backbone_multiplier=1.0, largest_gradient=5.0),
        schedule=Schedule(iterations=150, batch_size=2, milestones=(110,), warmup=10),
        run=Run(checkpoint_every=1000),
    )
    for name in ("images", "annotations"):
        key = "id" if name == "images" else "image_id"
        data_set.coco[name] = [each for each in data_set.coco[name] if each[key] in (1, 6)]
    data_set.write()
    folder = run(data_set, "overfit", wanted)
    network = build(SMALL)
    network.load_state_dict(weights(folder))
    _, videos = read_data(wanted, data_set.folder)
    recipe = Recipe(wanted.preprocessing, wanted.augmentation, 0)
    batch = collate([Samples(videos, recipe, 2)[i] for i in range(2)])
    with torch.inference_mode():
        prediction = network(batch.images[0])
    matches = match(prediction, batch.targets)
    found = prediction.mask_logits[matches.images, matches.queries] > 0
    true = matches.masks > 0.5
    ious = (found & true).sum((1, 2)) / (found | true).sum((1, 2))
    assert ious.mean() >= 0.95


def test_alone_without_torchrun():
    with joined() as processes:
        assert (processes.rank, processes.count, processes.mean(3.0)) == (0, 1, 3.0)

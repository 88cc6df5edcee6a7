"""Short runs of a small network on the tests' data set."""

import csv
from pathlib import Path
from typing import Any

import msgspec
import torch
from safetensors.torch import load_file
from torch import Tensor

from models.preprocessing import Preprocessing
from models.training.config import Data, Optimiser, Run, Schedule, TrainConfig
from models.training.data.transforms import Augmentation
from models.training.loop import Report
from models.training.processes import Processes
from models.training.starting import start
from models.zoo import MobileInstConfig
from tests.models.training.conftest import DataSet

SMALL = MobileInstConfig("topformer-tiny", num_queries=4, num_classes=2, dim=32, num_heads=2)
ALONE = Processes()
COCO = Data("coco", "coco.json", ".")


def small_config(**changes: Any) -> TrainConfig:
    whole = TrainConfig(
        data=Data("ytvis", "ytvis.json", ".", reach=2),
        model=SMALL,
        preprocessing=Preprocessing(64, 96),
        augmentation=Augmentation(short_sides=(32, 48), longest=96),
        optimiser=Optimiser(1e-3),
        schedule=Schedule(iterations=6, batch_size=2, milestones=(4,), warmup=2),
        run=Run(checkpoint_every=100, log_every=2),
    )
    return msgspec.structs.replace(whole, **changes)


def ignore(iteration: int, loss: float) -> None:
    pass


def run(data_set: DataSet, name: str, config: TrainConfig, report: Report = ignore) -> Path:
    folder = data_set.folder / name
    start(config, data_set.folder, folder, ALONE, report)
    return folder


class StoppedError(Exception):
    pass


def stop_behind(iterations: int) -> Report:
    def report(done: int, loss: float) -> None:
        if done == iterations:
            raise StoppedError

    return report


def weights(folder: Path) -> dict[str, Tensor]:
    return load_file(folder / "weights.safetensors")


def read_log(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / "log.csv").read_text().splitlines()))


def assert_same(one: dict[str, Tensor], other: dict[str, Tensor]) -> None:
    assert one.keys() == other.keys()
    for name, value in one.items():
        assert torch.equal(value, other[name]), name

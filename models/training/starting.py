"""From a config to a run in a folder."""

from pathlib import Path

import msgspec
import torch

from models.checkpoint import check_state, load_weights, read_state, save_weights
from models.errors import ConfigError
from models.mobileinst.network import MobileInst
from models.training.config import TrainConfig
from models.training.data.layouts import read_coco, read_ytvis
from models.training.data.records import Categories, Video
from models.training.data.samples import Recipe, Samples
from models.training.loop import Report, train
from models.training.processes import Processes
from models.training.saving import WEIGHTS
from models.zoo import build

CONFIG = "config.json"
CLASS_HEAD = "heads.classify."


def start(
    config: TrainConfig, root: Path, folder: Path, processes: Processes, report: Report
) -> MobileInst:
    """Trains in `folder`, which keeps everything, and leaves weights.safetensors there.

    Paths of the config are from `root`. A folder with a checkpoint of the same config is gone on
    with. Raises ConfigError, DataError, CheckpointError, TrainingError.
    """
    claim(folder, config)
    categories, videos = read_data(config, root)
    check_classes(config, categories)
    recipe = Recipe(config.preprocessing, config.augmentation, config.run.seed, config.data.reach)
    count = config.schedule.iterations * config.schedule.batch_size
    network = build(config.model, config.run.seed)
    if config.weights:
        begin_with(network, root / config.weights)
    torch.manual_seed(config.run.seed)
    trained = train(network, Samples(videos, recipe, count), config, folder, processes, report)
    if processes.first:
        save_weights(trained, folder / WEIGHTS)
    return trained


def claim(folder: Path, config: TrainConfig) -> None:
    """Raises ConfigError where the folder belongs to another run."""
    path = folder / CONFIG
    text = msgspec.json.format(msgspec.json.encode(config), indent=2) + b"\n"
    if path.exists() and path.read_bytes() != text:
        raise ConfigError(f"{folder} holds a run with another config: give another folder")
    folder.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)


def read_data(config: TrainConfig, root: Path) -> tuple[Categories, list[Video]]:
    """A picture of COCO is a video of one frame."""
    document, pictures = root / config.data.document, root / config.data.pictures
    if config.data.layout == "ytvis":
        return read_ytvis(document, pictures)
    categories, listed = read_coco(document, pictures)
    return categories, [Video(each.path.name, (each,)) for each in listed]


def check_classes(config: TrainConfig, categories: Categories) -> None:
    if len(categories.ids) != config.model.num_classes:
        raise ConfigError(
            f"{config.data.document} has {len(categories.ids)} categories, "
            f"but the model has {config.model.num_classes} classes"
        )


def begin_with(network: MobileInst, path: Path) -> None:
    """Weights of the same network; a class head of another size stays as it was drawn (§4.2)."""
    own, given = network.state_dict(), read_state(path)
    heads = [n for n in own if n.startswith(CLASS_HEAD)]
    if all(n in given and given[n].shape == own[n].shape for n in heads):
        load_weights(network, path)
        return
    kept = {**given, **{n: own[n] for n in heads}}
    check_state(own, kept, path)
    network.load_state_dict(kept)

"""From a config to a run in a folder."""

from pathlib import Path

import torch

from models.checkpoint import check_state, read_state, save_weights
from models.errors import ConfigError, TrainingError
from models.mobileinst.network import MobileInst
from models.training.config import TrainConfig
from models.training.data.layouts import read_coco, read_ytvis
from models.training.data.records import Categories, Video
from models.training.data.samples import Recipe, Samples
from models.training.loop import Prepared, Report, train
from models.training.processes import Processes
from models.training.run_folder import claim
from models.training.saving import WEIGHTS, find_checkpoint
from models.training.schedule import make_plan
from models.training.writing import becoming
from models.zoo import build

CLASS_HEAD = "heads.classify."


def start(
    config: TrainConfig, root: Path, folder: Path, processes: Processes, report: Report
) -> MobileInst:
    """Prepares a run and trains in `folder`, or goes on there.

    Paths of the config are from `root`. Raises ConfigError, DataError, CheckpointError,
    TrainingError.
    """
    prepared = prepare(config, root, begins=find_checkpoint(folder) is None)
    return run(prepared, folder, processes, report)


def prepare(config: TrainConfig, root: Path, begins: bool) -> Prepared:
    """Reads and checks everything, and writes nothing.

    A run that does not begin, but goes on from a checkpoint, needs no weights to begin with.
    Raises ConfigError, DataError, CheckpointError.
    """
    categories, videos = read_data(config, root)
    model = config.network()
    check_classes(config, categories, model.num_classes)
    frames = sum(bool(frame.objects) for video in videos for frame in video.frames)
    plan = make_plan(config.schedule, frames)
    recipe = Recipe(config.preprocessing, config.augmentation, config.run.seed, config.data.reach)
    samples = Samples(videos, recipe, plan.iterations * plan.batch_size)
    network = build(model, config.run.seed)
    notes = begin_with(network, root / config.weights) if config.weights and begins else ()
    return Prepared(config, plan, network, samples, categories, notes)


def run(prepared: Prepared, folder: Path, processes: Processes, report: Report) -> MobileInst:
    """Trains in `folder`, which keeps everything, and leaves weights.safetensors there.

    Raises ConfigError where the folder belongs to another run, CheckpointError, DataError,
    TrainingError.
    """
    check_shares(prepared.plan.batch_size, processes.count)
    processes.first_does(lambda: claim(folder, prepared.config, prepared.categories))
    torch.manual_seed(prepared.config.run.seed)
    trained = train(prepared, folder, processes, report)
    if processes.first:
        with becoming(folder / WEIGHTS) as part:
            save_weights(trained, part)
    return trained


def check_shares(batch_size: int, processes: int) -> None:
    if batch_size % processes:
        raise TrainingError(
            f"a batch of {batch_size} can't be shared by {processes} processes; "
            "give a batch_size that is a multiple of them"
        )


def read_data(config: TrainConfig, root: Path) -> tuple[Categories, list[Video]]:
    """A picture of COCO is a video of one frame."""
    document, pictures = root / config.data.document, root / config.data.pictures
    if config.data.layout == "ytvis":
        return read_ytvis(document, pictures)
    categories, listed = read_coco(document, pictures)
    return categories, [Video(each.path.name, (each,)) for each in listed]


def check_classes(config: TrainConfig, categories: Categories, classes: int) -> None:
    if len(categories.ids) != classes:
        raise ConfigError(
            f"{config.data.document} has {len(categories.ids)} categories, but the model has "
            f"{classes} classes: set model.num_classes, or take other data"
        )


def begin_with(network: MobileInst, path: Path) -> tuple[str, ...]:
    """Loads weights of the same network; says so where the class head stays as it was drawn.

    It does where it has another number of classes (§4.2). Raises CheckpointError.
    """
    own, given = network.state_dict(), read_state(path)
    heads = [name for name in own if name.startswith(CLASS_HEAD)]
    fits = all(name in given and given[name].shape == own[name].shape for name in heads)
    kept = given if fits else {**given, **{name: own[name] for name in heads}}
    check_state(own, kept, path)
    network.load_state_dict(kept)
    note = f"{path} is of other classes: the class head begins anew"
    return () if fits else (note,)

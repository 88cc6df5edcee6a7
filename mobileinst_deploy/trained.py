"""What MODEL stands for: a name of the zoo, a network that comes trained, or a training run."""

from dataclasses import dataclass, replace
from pathlib import Path

from models import zoo
from models.categories import Category
from models.errors import ConfigError, UnknownModelError
from models.preprocessing import Preprocessing, ResizeRule
from models.trained import trained_runs
from models.training.run_folder import (
    is_run,
    read_run_categories,
    read_run_config,
    weights_of,
)

PAPER_SIZE = (320, 640)  # height, width


@dataclass(frozen=True)
class NamedNetwork:
    name: str
    config: zoo.Config
    preprocessing: Preprocessing
    weights: Path | None  # None: there are none
    categories: tuple[Category, ...] = ()  # in the order of the class logits; (): not known


def find_network(
    model: str,
    weights: Path | None = None,
    size: tuple[int, int] | None = None,
    resize: ResizeRule | None = None,
) -> NamedNetwork:
    """A run's folder says everything; what is given besides takes the place of that.

    So does a network that comes trained: it is a run in this package.

    Raises UnknownModelError, or ConfigError for a run that is damaged or not over.
    """
    runs = trained_runs()
    if model in zoo.ZOO:
        found = NamedNetwork(model, zoo.find(model), Preprocessing(*PAPER_SIZE), weights)
    elif model in runs:
        found = read_run(runs[model], weights)
    elif is_run(Path(model)):
        found = read_run(Path(model), weights)
    else:
        raise UnknownModelError(
            f"unknown model {model!r}: it is no training run's folder, and the known names are "
            f"{', '.join([*runs, *zoo.ZOO])}"
        )
    height, width = size or (found.preprocessing.height, found.preprocessing.width)
    preprocessing = replace(
        found.preprocessing,
        height=height,
        width=width,
        resize=resize or found.preprocessing.resize,
    )
    return replace(found, preprocessing=preprocessing)


def read_run(folder: Path, weights: Path | None = None) -> NamedNetwork:
    """Called by its model's name, or by the folder's where the model is one of its own."""
    config = read_run_config(folder)
    network, categories = config.network(), read_run_categories(folder)
    zoo.check_config(network)
    if len(categories) != network.num_classes:
        raise ConfigError(
            f"{folder} has {len(categories)} categories, but its network has "
            f"{network.num_classes} classes: its files are not of one run"
        )
    name = config.model if isinstance(config.model, str) else folder.resolve().name
    weights = weights or weights_of(folder)
    return NamedNetwork(name, network, config.preprocessing, weights, categories)

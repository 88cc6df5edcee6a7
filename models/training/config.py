"""A training run as one file: everything that decides its outcome."""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from models.errors import ConfigError, ModelError
from models.mobileinst.network import check_size
from models.preprocessing import Preprocessing
from models.training.data.transforms import Augmentation
from models.training.losses import LossWeights
from models.zoo import MobileInstConfig, check_config, find_mobileinst

CONFIGS = Path(__file__).parent / "configs"

Positive = Annotated[int, Meta(ge=1)]
Share = Annotated[float, Meta(ge=0)]


class Data(msgspec.Struct, frozen=True):
    """Where the pictures are. Paths are from the config's folder, or from one that is given."""

    layout: Literal["coco", "ytvis"]
    document: str  # the annotations, a json file
    pictures: str  # the folder that its file names are from
    reach: Annotated[int, Meta(ge=0)] = 0  # temporal training on two frames at most so far apart


class Optimiser(msgspec.Struct, frozen=True):
    """AdamW (§4.2)."""

    learning_rate: Annotated[float, Meta(gt=0)] = 1e-4
    backbone_multiplier: Share = 0.5  # of the learning rate
    weight_decay: Share = 0.05  # none for norms, biases and queries
    largest_gradient: Share = 0.0  # its norm is cut to this; 0: never


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """Of so many iterations, or of so many epochs: each frame with an object seen so often."""

    iterations: Positive | None = None
    epochs: Positive | None = None
    batch_size: Positive  # samples of all processes together
    milestones: tuple[Positive, ...] = ()  # the rate is divided by 10 behind each; same unit
    warmup: Annotated[int, Meta(ge=0)] = 1000  # iterations, linearly from 1/1000

    def __post_init__(self) -> None:
        if (self.iterations is None) == (self.epochs is None):
            raise ValueError("expected either iterations or epochs")
        if list(self.milestones) != sorted(set(self.milestones)):
            raise ValueError(f"expected milestones that grow, got {list(self.milestones)}")


class Run(msgspec.Struct, frozen=True):
    seed: Annotated[int, Meta(ge=0, lt=2**32)] = 0
    workers: Annotated[int, Meta(ge=0, le=256)] = 0  # that load pictures, of each process
    ema: Annotated[float, Meta(ge=0, lt=1)] = 0.0  # decay of the averaged weights; 0: none
    mixed_precision: bool = True  # bfloat16 where a GPU is
    freeze_batch_norm: bool = False
    checkpoint_every: Positive = 5000  # iterations
    log_every: Positive = 50  # iterations


class TrainConfig(msgspec.Struct, frozen=True, kw_only=True):
    data: Data
    schedule: Schedule
    model: str | MobileInstConfig = MobileInstConfig()  # a name of the zoo, or its fields
    weights: str = ""  # to begin with; a class head of another size is drawn anew
    preprocessing: Preprocessing = Preprocessing(320, 640)  # of the bundle; training takes the mean
    augmentation: Augmentation = Augmentation()
    losses: LossWeights = LossWeights()
    optimiser: Optimiser = Optimiser()
    run: Run = Run()

    def network(self) -> MobileInstConfig:
        """Raises UnknownModelError, or ConfigError for a network that can't be trained here."""
        return find_mobileinst(self.model) if isinstance(self.model, str) else self.model


def shipped_configs() -> dict[str, Path]:
    """Those that come with the package, by name."""
    return {path.stem: path for path in sorted(CONFIGS.glob("*.toml"))}


def read_config(path: Path) -> TrainConfig:
    """Of TOML, or a run's own config.json.

    Raises ConfigError for a file that is missing, neither of them, or describes no run.
    """
    kind, parse = ("JSON", json.loads) if path.suffix == ".json" else ("TOML", tomllib.loads)
    try:
        given = parse(path.read_text())
        config = msgspec.convert(given, TrainConfig)
    except OSError as error:
        raise ConfigError(f"can't read {path}: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, json.JSONDecodeError, UnicodeError, RecursionError) as error:
        raise ConfigError(f"{path} is not {kind}: {error}") from error
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {error}") from error
    for complaint in unknown_keys(given, to_tables(config)):
        raise ConfigError(f"{path}: {complaint}")
    check_numbers(config, path)
    return config


def to_tables(value: Any) -> Any:
    """Nested dicts with every field; msgspec leaves out what a dataclass has by default."""
    if isinstance(value, msgspec.Struct):
        return {name: to_tables(getattr(value, name)) for name in value.__struct_fields__}
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


def unknown_keys(given: Any, known: Any, place: str = "") -> Iterator[str]:
    """A complaint for each key of the nested tables that is not among the known ones."""
    if not isinstance(given, dict) or not isinstance(known, dict):
        return
    for key, value in given.items():
        if key not in known:
            yield f"unknown key {place}{key}; expected {', '.join(known)}"
        else:
            yield from unknown_keys(value, known[key], f"{place}{key}.")


def check_numbers(config: TrainConfig, path: Path) -> None:
    """Raises ConfigError for a network or an input that can't be."""
    preprocessing = config.preprocessing
    try:
        check_config(config.network())
        check_size(preprocessing.height, preprocessing.width)
    except ModelError as error:
        raise ConfigError(f"{path}: {error}") from error
    if min(preprocessing.std) <= 0:
        raise ConfigError(f"{path}: expected a std above 0, got {preprocessing.std}")

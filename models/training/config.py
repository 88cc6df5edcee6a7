"""A training run as one file: everything that decides its outcome."""

import tomllib
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from models.errors import ConfigError
from models.preprocessing import Preprocessing
from models.training.data.transforms import Augmentation
from models.training.losses import LossWeights
from models.zoo import MobileInstConfig

Positive = Annotated[int, Meta(ge=1)]


class Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the pictures are. Paths are from the config's folder."""

    layout: Literal["coco", "ytvis"]
    document: str  # the annotations, a json file
    pictures: str  # the folder that its file names are from
    reach: Annotated[int, Meta(ge=0)] = 0  # temporal training on two frames at most so far apart


class Optimiser(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """AdamW (§4.2)."""

    learning_rate: Annotated[float, Meta(gt=0)] = 1e-4
    backbone_multiplier: Annotated[float, Meta(ge=0)] = 0.5
    weight_decay: Annotated[float, Meta(ge=0)] = 0.05  # none for norms, biases and queries
    largest_gradient: Annotated[float, Meta(ge=0)] = 0.0  # its norm is cut to this; 0: never


class Schedule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    iterations: Positive = 270_000
    batch_size: Positive = 64  # samples of all processes together
    milestones: tuple[int, ...] = (210_000, 250_000)  # the rate is divided by 10 behind each
    warmup: Annotated[int, Meta(ge=0)] = 1000  # iterations, linearly from 1/1000


class Run(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    seed: int = 0
    workers: Annotated[int, Meta(ge=0)] = 0  # processes that load pictures, each
    ema: Annotated[float, Meta(ge=0, lt=1)] = 0.0  # decay of the averaged weights; 0: none
    mixed_precision: bool = True  # bfloat16 where a GPU is
    freeze_batch_norm: bool = False
    checkpoint_every: Positive = 5000  # iterations
    log_every: Positive = 50


class TrainConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    data: Data
    model: MobileInstConfig = MobileInstConfig()
    weights: str = ""  # to begin with: a checkpoint of this network, or of its COCO twin
    preprocessing: Preprocessing = Preprocessing(320, 640)
    augmentation: Augmentation = Augmentation()
    losses: LossWeights = LossWeights()
    optimiser: Optimiser = Optimiser()
    schedule: Schedule = Schedule()
    run: Run = Run()


def read_config(path: Path) -> TrainConfig:
    """Raises ConfigError for a file that is missing, no TOML or not of this form."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text()), TrainConfig)
    except OSError as error:
        raise ConfigError(f"can't read {path}: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not TOML: {error}") from error
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {error}") from error

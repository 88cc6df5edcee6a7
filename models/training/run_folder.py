"""A run's folder: config.json, categories.json, log.csv, checkpoint/, and weights.safetensors."""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from models.categories import Category
from models.errors import ConfigError
from models.training.config import TrainConfig, to_tables
from models.training.data.records import Categories
from models.training.saving import WEIGHTS
from models.training.writing import becoming

CONFIG = "config.json"
CATEGORIES = "categories.json"


class Row(msgspec.Struct, frozen=True):
    id: Annotated[int, Meta(ge=1, le=2**53)]
    name: Annotated[str, Meta(min_length=1)]


class CategoryTable(msgspec.Struct, frozen=True):
    """In the order of the class logits, as a data set's file has them."""

    categories: tuple[Row, ...]


def is_run(folder: Path) -> bool:
    return (folder / CONFIG).is_file()


def claim(folder: Path, config: TrainConfig, categories: Categories) -> None:
    """Makes the folder this run's.

    Raises ConfigError where it belongs to another, TrainingError where it can't be written.
    """
    check_owner(folder, config)
    named = zip(categories.ids, categories.names, strict=True)
    table = CategoryTable(tuple(Row(number, name or str(number)) for number, name in named))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"can't make the folder {folder}: {error.strerror or error}") from error
    write_json(folder / CONFIG, to_tables(config))
    write_json(folder / CATEGORIES, table)


def check_owner(folder: Path, config: TrainConfig) -> None:
    """Raises ConfigError unless the folder is this run's, empty or not there."""
    if is_run(folder):
        there = read_run_config(folder)
        if difference := first_difference(to_tables(there), to_tables(config)):
            raise ConfigError(f"{folder} holds another run: its {difference}; give another folder")
    elif folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder} is not a folder: give another one")
    elif folder.exists() and any(folder.iterdir()):
        raise ConfigError(f"{folder} is not empty and holds no run: give another folder")


def first_difference(there: object, given: object, place: str = "") -> str:
    """The first key of nested tables that has another value; empty where there is none."""
    if not isinstance(there, dict) or not isinstance(given, dict):
        return "" if there == given else f"{place} is {there!r}, not {given!r}"
    differences = (
        first_difference(there.get(key), value, f"{place}.{key}" if place else key)
        for key, value in given.items()
    )
    return next(filter(None, differences), "")


def read_run_config(folder: Path) -> TrainConfig:
    """Raises ConfigError where there is none, or it is no training run's."""
    path = folder / CONFIG
    try:
        return msgspec.json.decode(path.read_bytes(), type=TrainConfig)
    except OSError as error:
        raise ConfigError(f"can't read {path}: {error.strerror or error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{path} is not of a training run, or damaged: {error}") from error


def read_run_categories(folder: Path) -> tuple[Category, ...]:
    """Raises ConfigError."""
    path = folder / CATEGORIES
    try:
        rows = msgspec.json.decode(path.read_bytes(), type=CategoryTable).categories
    except OSError as error:
        raise ConfigError(f"can't read {path}: {error.strerror or error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is damaged: {error}") from error
    return tuple(Category(row.id, row.name) for row in rows)


def weights_of(folder: Path) -> Path:
    """Of a run that is over. Raises ConfigError."""
    path = folder / WEIGHTS
    if not path.is_file():
        raise ConfigError(
            f"{folder} has no {WEIGHTS}: the run is not over; finish it with "
            "'mobileinst train … --resume', or give --weights from its checkpoint"
        )
    return path


def write_json(path: Path, value: object) -> None:
    with becoming(path) as part:
        part.write_bytes(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")

"""Folders of data sets of ours: they appear whole or not at all."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from export.errors import ExportError, OutputExistsError
from export.staging import (
    check_place,
    folder_beside,
    folders_above,
    is_empty_folder,
    make_readable,
    replace_folder,
)
from models.synthetic.dataset import CARD

GENERATOR = "mobileinst synthesise"  # marks a card of ours


@contextmanager
def new_folder(target: Path, overwrite: bool) -> Iterator[Path]:
    """A folder beside `target` that takes its place at the end; removed after any failure."""
    check_target(target, overwrite)
    try:
        with folders_above(target), folder_beside(target) as staging:
            yield staging
            check_target(target, overwrite)
            make_readable(staging)
            replace_folder(staging, target)
    except OSError as error:
        raise ExportError(
            f"can't write {target}: {error}; choose another output, or make room there"
        ) from error


def check_target(target: Path, overwrite: bool) -> None:
    """Raises OutputExistsError unless the data set may be written there.

    With `overwrite` a data set of ours or an empty folder gives way, and nothing else ever does.
    """
    check_place(target)
    if not os.path.lexists(target) or is_empty_folder(target):
        return
    if not is_dataset(target):
        raise OutputExistsError(
            f"{target} exists and is no data set of this command: choose another output"
        )
    if not overwrite:
        raise OutputExistsError(f"{target} exists: give --overwrite to replace that data set")


def is_dataset(path: Path) -> bool:
    """Whether it has a card of ours."""
    try:
        found = json.loads((path / CARD).read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(found, dict) and found.get("generator") == GENERATOR

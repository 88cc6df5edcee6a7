"""Output folders that appear whole or not at all."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from export.errors import OutputExistsError
from export.manifest import MANIFEST_NAME


def check_target(target: Path, overwrite: bool) -> None:
    """Raises OutputExistsError unless a bundle may be written there.

    With `overwrite` a bundle or an empty folder gives way, and nothing else ever does.
    """
    if not os.path.lexists(target) or is_empty_folder(target):
        return
    if not (target / MANIFEST_NAME).is_file():
        raise OutputExistsError(f"{target} exists and is not a bundle: choose another output")
    if not overwrite:
        raise OutputExistsError(f"{target} exists: give --overwrite to replace that bundle")


def is_empty_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink() and not any(path.iterdir())


@contextlib.contextmanager
def staged_folder(target: Path, overwrite: bool) -> Iterator[Path]:
    """A new folder beside `target` that takes its place at the end; removed after any failure."""
    check_target(target, overwrite)
    target.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        yield staging
        check_target(target, overwrite)
        staging.chmod(0o755)
        replace_folder(staging, target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def replace_folder(new: Path, target: Path) -> None:
    if not os.path.lexists(target):
        new.rename(target)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    target.rename(old / target.name)
    new.rename(target)
    shutil.rmtree(old)

"""Output folders that appear whole or not at all."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
from safetensors import SafetensorError

from export.errors import ExportError, OutputExistsError
from export.manifest import MANIFEST_NAME


@dataclass(frozen=True)
class Kind:
    """What a command writes: only a folder of its own kind ever gives way to another."""

    name: str
    other: str  # what is said of a folder of another kind
    is_one: Callable[[Path], bool]


def is_bundle(path: Path) -> bool:
    """Whether it has a manifest of ours, of whatever schema: other programs have manifests too."""
    try:
        manifest = msgspec.json.decode((path / MANIFEST_NAME).read_bytes())
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return isinstance(manifest, dict) and "schema_version" in manifest


BUNDLE = Kind("bundle", "is not a bundle", is_bundle)


def check_target(target: Path, overwrite: bool, kind: Kind = BUNDLE) -> None:
    """Raises OutputExistsError unless a folder of that kind may be written there.

    With `overwrite` one of the same kind or an empty folder gives way, and nothing else ever does.
    """
    check_place(target)
    if not os.path.lexists(target) or is_empty_folder(target):
        return
    if not kind.is_one(target):
        raise OutputExistsError(f"{target} exists and {kind.other}: choose another output")
    if not overwrite:
        raise OutputExistsError(f"{target} exists: give --overwrite to replace that {kind.name}")


def check_place(target: Path) -> None:
    """Raises OutputExistsError where no folder can be put, or none can be moved away."""
    for folder in target.parents:
        if os.path.lexists(folder) and not folder.is_dir():
            raise OutputExistsError(f"{folder} is not a folder: choose an output elsewhere")
    if os.path.exists(target) and Path.cwd().is_relative_to(target.resolve()):
        raise OutputExistsError(f"{target} is the current folder, or above it: choose another one")
    if os.path.ismount(target):
        raise OutputExistsError(f"{target} is a mount point: choose a folder inside it")


def is_empty_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink() and not any(path.iterdir())


@contextlib.contextmanager
def staged_folder(target: Path, overwrite: bool, kind: Kind = BUNDLE) -> Iterator[Path]:
    """A new folder beside `target` that takes its place at the end; removed after any failure.

    Raises OutputExistsError, or ExportError where the place can't be written to or is full.
    """
    check_target(target, overwrite, kind)
    try:
        with folders_above(target), folder_beside(target) as staging:
            yield staging
            check_target(target, overwrite, kind)
            make_readable(staging)
            replace_folder(staging, target)
    except (OSError, SafetensorError) as error:
        raise ExportError(
            f"can't write {target}: {error}; choose another output, or make room there"
        ) from error


@contextlib.contextmanager
def folders_above(target: Path) -> Iterator[None]:
    """Makes the folders above `target`, and removes those again after any failure."""
    missing = [folder for folder in target.parents if not folder.exists()]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        with contextlib.suppress(OSError):  # not empty: somebody else uses it by now
            for folder in missing:
                folder.rmdir()
        raise


@contextlib.contextmanager
def folder_beside(target: Path) -> Iterator[Path]:
    """A new hidden folder, on the same disk as `target`; removed at the end, if still there."""
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def replace_folder(new: Path, target: Path) -> None:
    """Moves `new` to `target`; what was there is gone then, or there again after a failure."""
    if not os.path.lexists(target):
        new.rename(target)
        return
    with folder_beside(target) as aside:
        old = aside / target.name
        target.rename(old)
        try:
            new.rename(target)
        finally:
            if not os.path.lexists(target):
                old.rename(target)


def make_readable(folder: Path) -> None:
    """For everyone: temporary folders and safetensors files are their owner's alone."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)

"""The folder of finished builds: each appears whole or not at all, and is made by one at a time."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

RESULT = "result"


def builds_folder() -> Path:
    """The XDG base directory specification: a relative path there is to be ignored."""
    home = Path(os.environ.get("XDG_CACHE_HOME", ""))
    root = home if home.is_absolute() else Path.home() / ".cache"
    return root / "mobileinst-deploy" / "runner"


def file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def key_of(parts: Iterable[str]) -> str:
    """The same for the same parts in the same order."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Waits while another process holds the same folder; the lock ends with the process."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def becoming(folder: Path) -> Iterator[Path]:
    """A folder to work in, of which the folder `result` takes that name in the end.

    Nothing is left where the work fails. To be called by the holder of the lock: it clears away
    what a killed process left.
    """
    work = folder.with_name(f"{folder.name}.work")
    shutil.rmtree(work, ignore_errors=True)
    (work / RESULT).mkdir(parents=True)
    try:
        yield work
        shutil.rmtree(folder, ignore_errors=True)
        (work / RESULT).rename(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)

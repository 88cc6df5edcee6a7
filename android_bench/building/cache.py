"""The folder of finished builds: each appears whole or not at all, and is made by one at a time."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

BUILDS_VARIABLE = "MOBILEINST_BUILDS"  # for a CI that keeps a folder of its own
RESULT = "result"
KEY = 16  # characters
KEPT = 4  # builds of a series, as several checkouts may take turns


def builds_folder() -> Path:
    """What BUILDS_VARIABLE says; else as the XDG base directory specification has it.

    A relative path in XDG_CACHE_HOME is to be ignored.
    """
    if named := os.environ.get(BUILDS_VARIABLE):
        return Path(named).absolute()
    home = Path(os.environ.get("XDG_CACHE_HOME", ""))
    root = home if home.is_absolute() else Path.home() / ".cache"
    return root / "mobileinst-deploy" / "runner"


def file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def key_of(parts: Iterable[str]) -> str:
    """The same for the same parts in the same order."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:KEY]


@contextmanager
def locked(root: Path, series: str) -> Iterator[None]:
    """Waits while another process holds the same series of builds; ends with the process."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / f"{series}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def becoming(root: Path, series: str, key: str) -> Iterator[Path]:
    """A folder to work in, of which the folder `result` becomes root/series-key in the end.

    Nothing is left where the work fails. To be called by the holder of the series' lock: it clears
    away what killed processes left, and the oldest builds.
    """
    for stale in root.glob(f"{series}-*.work"):
        shutil.rmtree(stale, ignore_errors=True)
    folder, work = root / f"{series}-{key}", root / f"{series}-{key}.work"
    (work / RESULT).mkdir(parents=True)
    try:
        yield work
        shutil.rmtree(folder, ignore_errors=True)
        (work / RESULT).rename(folder)
        drop_oldest(root, series)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def drop_oldest(root: Path, series: str) -> None:
    builds = [path for path in root.glob(f"{series}-*") if len(path.name) == len(series) + 1 + KEY]
    for folder in sorted(builds, key=lambda path: path.stat().st_mtime)[:-KEPT]:
        shutil.rmtree(folder, ignore_errors=True)

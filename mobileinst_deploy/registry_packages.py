"""Packages of a registry, fetched by its own client and known by their sha256."""

import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from android_bench.building.cache import file_digest
from mobileinst_deploy.errors import InputError


@dataclass(frozen=True)
class Package:
    title: str
    archive: str  # as the client names it
    sha256: str
    licence: str
    client: str  # its name, for messages
    command: tuple[str, ...]  # saves the archive into the folder in which it runs

    @property
    def origin(self) -> str:
        return f"{self.title}, {self.archive}, sha256 {self.sha256}, licence: {self.licence}"


def fetched(package: Package, folder: Path) -> Path:
    """The archive in the folder, fetched where it is missing. Raises InputError, OSError."""
    archive = folder / package.archive
    if not archive.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as staging:
            call(package, Path(staging))
            if not (Path(staging) / package.archive).is_file():
                raise InputError(f"expected {package.archive} of {package.client}, got none")
            os.replace(Path(staging) / package.archive, archive)
    if (digest := file_digest(archive)) != package.sha256:
        raise InputError(
            f"{archive} has the sha256 {digest}, expected {package.sha256}: remove it, and it will "
            "be fetched again"
        )
    return archive


def call(package: Package, folder: Path) -> None:
    elsewhere = f"or put {package.archive} into {folder.parent} yourself"
    try:
        ran = subprocess.run(
            package.command, cwd=folder, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise InputError(
            f"{package.client} is needed for {package.title}: install it, {elsewhere}"
        ) from error
    if ran.returncode:
        said = next((line for line in ran.stderr.splitlines() if "err" in line.lower()), "no word")
        raise InputError(
            f"can't fetch {package.title} ({package.client}: {said}): is this machine offline? "
            f"Try again, {elsewhere}"
        )

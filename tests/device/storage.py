"""Storage that can't be used: each mounts something over a folder. Only root may."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def full_disk(folder: Path, kib: int) -> Iterator[None]:
    """A file system of its own of so many KiB, empty at first."""
    with mounted(folder, "-t", "tmpfs", "-o", f"size={kib}k,mode=755", "none"):
        yield


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """What lies there can be read."""
    with rebound(folder, "ro"):
        yield


@contextmanager
def noexec(folder: Path) -> Iterator[None]:
    """Programs there can't be started. qemu-aarch64-static reads a program, and isn't stopped."""
    with rebound(folder, "noexec"):
        yield


@contextmanager
def rebound(folder: Path, option: str) -> Iterator[None]:
    with mounted(folder, "--bind", str(folder)):
        mount("-o", f"remount,bind,{option}", str(folder))
        yield


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[None]:
    mount(*options, str(folder))
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def mount(*arguments: str) -> None:
    try:
        subprocess.run(["mount", *arguments], check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", None) or error
        pytest.skip(f"nothing can be mounted here: {said}")

"""A place to try bad input in."""

import os
import shutil
from pathlib import Path

import pytest

from export.manifest import MANIFEST_NAME
from tests.conftest import SMALL, export


@pytest.fixture
def workplace(small_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a "bundle" that shares its big files: replace them, never edit."""
    shutil.copytree(small_bundle, tmp_path / "bundle", copy_function=share)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def phone_copy(phone_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same with files in all formats: "phone" in the current folder."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(phone_bundle, "phone", copy_function=share))


@pytest.fixture(scope="session")
def half_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """ncnn files in float32, as float16 and for float16 arithmetic, so small that qemu runs them.

    Not to be changed.
    """
    output = tmp_path_factory.mktemp("bundles") / "half"
    size = ("--size", "64x96", "--frames", "1", "--kernels", "5")
    formats = ("--targets", "ncnn", "--precisions", "fp16-storage,fp16")
    return export(SMALL, output, *size, *formats)


def share(source: str, target: str) -> None:
    (shutil.copyfile if source.endswith(MANIFEST_NAME) else os.link)(source, target)

"""Which folders pass for an Android NDK."""

from pathlib import Path

import pytest

from android_bench.building.ndk import PROPERTIES, TOOLCHAIN, ndk_toolchain
from android_bench.building.targets import find_target
from android_bench.errors import BenchError

ARM = find_target("aarch64-android")


@pytest.fixture
def ndk(tmp_path: Path) -> Path:
    """As far as it is looked at."""
    (tmp_path / TOOLCHAIN).parent.mkdir(parents=True)
    (tmp_path / TOOLCHAIN).touch()
    (tmp_path / PROPERTIES).write_text("Pkg.Desc = Android NDK\nPkg.Revision = 27.2.12479018\n")
    return tmp_path


def test_an_ndk(ndk: Path, tmp_path: Path):
    toolchain = ndk_toolchain(ndk, ARM)
    assert toolchain.name == "NDK 27.2.12479018"
    assert toolchain.write(tmp_path)[0] == f"-DCMAKE_TOOLCHAIN_FILE={ndk / TOOLCHAIN}"


@pytest.mark.parametrize("missing", [TOOLCHAIN, PROPERTIES])
def test_a_folder_without_its_files(ndk: Path, missing: str):
    (ndk / missing).unlink()
    with pytest.raises(BenchError, match=f"is no Android NDK: there is no {missing}"):
        ndk_toolchain(ndk, ARM)


def test_an_ndk_without_a_revision(ndk: Path):
    (ndk / PROPERTIES).write_text("Pkg.Desc = Android NDK\n")
    with pytest.raises(BenchError, match=r"has no line Pkg\.Revision"):
        ndk_toolchain(ndk, ARM)


def test_not_for_this_machine(ndk: Path):
    with pytest.raises(BenchError, match="not for x86_64-linux"):
        ndk_toolchain(ndk, find_target("x86_64-linux"))

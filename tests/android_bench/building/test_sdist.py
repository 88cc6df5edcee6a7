"""ncnn's source: only the archive with the known hash is ever used."""

import re
import tarfile
from pathlib import Path

import pytest

from android_bench.building import sdist
from android_bench.building.cache import file_digest
from android_bench.building.sdist import SDIST, fetch_sdist, pip_reason, unpack
from android_bench.errors import BenchError


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch):
    """pip finds nothing, whatever it is set up with."""
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")


def archive_of(folder: Path, place: Path) -> Path:
    with tarfile.open(place, "w:gz") as tar:
        tar.add(folder, arcname=SDIST.removesuffix(".tar.gz"))
    return place


def test_an_archive_that_is_there_is_used_without_pip(
    tmp_path: Path, offline: None, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / SDIST).write_bytes(b"as expected")
    monkeypatch.setattr(sdist, "SDIST_SHA256", file_digest(tmp_path / SDIST))
    assert fetch_sdist(tmp_path) == tmp_path / SDIST


def test_another_file_of_that_name_from_the_index_is_refused(
    tmp_path: Path, offline: None, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "index").mkdir()
    (tmp_path / "project").mkdir()
    (tmp_path / "project/setup.py").write_text(
        f"from setuptools import setup\nsetup(name='ncnn', version='{sdist.NCNN_VERSION}')\n"
    )
    archive_of(tmp_path / "project", tmp_path / "index" / SDIST)
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    with pytest.raises(BenchError, match=r"has sha256 [0-9a-f]{64}, expected [0-9a-f]{64}"):
        fetch_sdist(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index", "project"]


def test_a_damaged_archive_is_fetched_again(tmp_path: Path, offline: None):
    (tmp_path / SDIST).write_bytes(b"damaged")
    with pytest.raises(BenchError, match="can't get ncnn's source"):
        fetch_sdist(tmp_path)


def test_without_an_index_one_line_says_where_the_archive_would_go(tmp_path: Path, offline: None):
    with pytest.raises(BenchError) as caught:
        fetch_sdist(tmp_path)
    place = re.escape(str(tmp_path / SDIST))
    assert re.search(f"No matching distribution.*{place}$", str(caught.value))
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("", "pip said nothing"),
        ("WARNING: one\nERROR: two\nERROR: three\n", "three"),
        ("python: No module named pip\n", "python: No module named pip"),
    ],
)
def test_reason_of_pip(said: str, reason: str):
    assert pip_reason(said) == reason


def test_unpacked(tmp_path: Path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source/CMakeLists.txt").write_text("project(ncnn)\n")
    archive = archive_of(tmp_path / "source", tmp_path / SDIST)
    assert (unpack(archive, tmp_path / "out") / "CMakeLists.txt").read_text() == "project(ncnn)\n"

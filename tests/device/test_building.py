"""Preparing the phone: it never fails, says why, and edits only what it knows."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.device import building, cache
from tests.device.sources import Edit

PREPARE = Path(__file__).with_name("prepare")
NOWHERE = "Google's adbd can't be built here: "
MISSING = "Google's adbd isn't built; tests/device/prepare builds it"


def test_an_edit_replaces_its_one_place(tmp_path: Path):
    (tmp_path / "file").write_text("port(1); port();")
    Edit("file", r"port\(\d\)", r"\1").apply(tmp_path)
    assert (tmp_path / "file").read_text() == r"\1; port();"


@pytest.mark.parametrize(("text", "times"), [("", 0), ("a b a", 2)])
def test_an_edit_that_does_not_fit_is_refused(tmp_path: Path, text: str, times: int):
    (tmp_path / "file").write_text(text)
    with pytest.raises(LookupError, match=f"^file: expected /a/ once, found {times}$"):
        Edit("file", "a", "b").apply(tmp_path)
    assert (tmp_path / "file").read_text() == text


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(cache, "HOME", tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))  # of the processes that are started
    monkeypatch.setenv("PATH", "/nowhere")
    return tmp_path


@pytest.mark.usefixtures("empty_cache")
def test_without_debians_packages_the_reason_is_kept():
    assert cache.why_not() == MISSING
    command = [sys.executable, "-m", "tests.device.building"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    reason = f"{NOWHERE}it needs Debian's packages, and there is no apt-get"
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, "", f"{reason}\n")
    assert cache.why_not() == reason


def test_prepare_never_fails(tmp_path: Path):
    (tmp_path / "file").touch()  # where the cache's folder should be
    environment = {"PATH": "/usr/bin:/bin", "XDG_CACHE_HOME": str(tmp_path / "file")}
    ran = subprocess.run([PREPARE], env=environment, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "")
    assert ran.stderr.startswith(NOWHERE)
    assert ran.stderr.endswith("\nThe tests on a played phone will be skipped.\n")


def test_what_is_current_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    if reason := cache.why_not():
        pytest.skip(reason)
    monkeypatch.setattr(cache, "HOME", tmp_path)
    cache.programs().folder.mkdir(parents=True)
    cache.programs().stamp.write_text(building.wanted())
    cache.reason_file().write_text("no network")
    assert building.main() == 0
    assert cache.why_not() is None
    assert list(cache.programs().folder.iterdir()) == [cache.programs().stamp]

"""An output folder appears whole or not at all, and nobody's files are ever in its way."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from export.errors import ExportError, OutputExistsError
from export.manifest import MANIFEST_NAME
from export.staging import check_target, staged_folder


def stage(target: Path, overwrite: bool = False) -> None:
    with staged_folder(target, overwrite) as folder:
        (folder / "golden").mkdir()
        (folder / "golden" / "new").write_text("new")


def contents(root: Path) -> dict[str, str]:
    """Every path below `root`, with what is in it."""
    return {
        str(path.relative_to(root)): path.read_text() if path.is_file() else "folder"
        for path in sorted(root.rglob("*"))
    }


STAGED = {"golden": "folder", "golden/new": "new"}


def stop_half_way(target: Path, overwrite: bool, stop: Callable[[Path], object]) -> None:
    with staged_folder(target, overwrite) as folder:
        (folder / "half").write_text("half")
        stop(target)


def raiser(error: BaseException) -> Callable[[Path], None]:
    def stop(target: Path) -> None:
        raise error

    return stop


def test_a_new_folder_appears(tmp_path: Path):
    stage(tmp_path / "deep" / "down" / "out")
    assert contents(tmp_path / "deep" / "down" / "out") == STAGED
    assert os.listdir(tmp_path / "deep" / "down") == ["out"]
    assert (tmp_path / "deep" / "down" / "out").stat().st_mode & 0o777 == 0o755


def test_everyone_may_read_it(tmp_path: Path):
    with staged_folder(tmp_path / "out", False) as folder:
        (folder / "golden").mkdir(0o700)
        (folder / "golden" / "private").touch(0o600)
    modes = [path.stat().st_mode & 0o777 for path in sorted((tmp_path / "out").rglob("*"))]
    assert modes == [0o755, 0o644]


def test_it_is_not_there_before_the_end(tmp_path: Path):
    target = tmp_path / "out"
    with staged_folder(target, False) as folder:
        (folder / "file").write_text("")
        assert not target.exists()
        assert folder.parent == target.parent  # one disk: the move can't stop half-way
    assert os.listdir(tmp_path) == ["out"]


@pytest.mark.parametrize("overwrite", [False, True])
def test_an_empty_folder_gives_way(tmp_path: Path, overwrite: bool):
    (tmp_path / "out").mkdir()
    stage(tmp_path / "out", overwrite)
    assert contents(tmp_path / "out") == STAGED
    assert os.listdir(tmp_path) == ["out"]


def a_bundle(target: Path) -> None:
    (target / "golden").mkdir(parents=True)
    (target / MANIFEST_NAME).write_text('{"schema_version": 1}')
    (target / "golden" / "old").write_text("old")


def test_a_bundle_gives_way_where_asked(tmp_path: Path):
    a_bundle(tmp_path / "out")
    stage(tmp_path / "out", overwrite=True)
    assert contents(tmp_path / "out") == STAGED
    assert os.listdir(tmp_path) == ["out"]


def test_a_bundle_stays_unless_asked(tmp_path: Path):
    a_bundle(tmp_path / "out")
    before = contents(tmp_path)
    with pytest.raises(OutputExistsError, match="exists: give --overwrite to replace that bundle"):
        stage(tmp_path / "out")
    assert contents(tmp_path) == before


def photographs(target: Path) -> None:
    target.mkdir()
    (target / "wedding.jpg").write_text("mine")


def a_file(target: Path) -> None:
    target.write_text("mine")


def another_programs_manifest(target: Path) -> None:
    target.mkdir()
    (target / MANIFEST_NAME).write_text('{"name": "a web page", "start_url": "/"}')
    (target / "index.html").write_text("mine")


def a_broken_manifest(target: Path) -> None:
    target.mkdir()
    (target / MANIFEST_NAME).write_text('{"schema_version": 1')


def a_manifest_that_is_a_folder(target: Path) -> None:
    (target / MANIFEST_NAME).mkdir(parents=True)


def a_dangling_link(target: Path) -> None:
    target.symlink_to("nowhere")


def a_link_to_an_empty_folder(target: Path) -> None:
    (target.parent / "empty").mkdir()
    target.symlink_to("empty")


FOREIGN = [
    photographs,
    a_file,
    another_programs_manifest,
    a_broken_manifest,
    a_manifest_that_is_a_folder,
    a_dangling_link,
    a_link_to_an_empty_folder,
]


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("make", FOREIGN, ids=lambda make: make.__name__)
def test_what_is_no_bundle_is_never_touched(tmp_path: Path, make: Callable, overwrite: bool):
    make(tmp_path / "out")
    before = contents(tmp_path)
    with pytest.raises(OutputExistsError, match="out exists and is not a bundle"):
        stage(tmp_path / "out", overwrite)
    assert contents(tmp_path) == before


def test_what_appears_meanwhile_is_not_touched(tmp_path: Path):
    target = tmp_path / "out"
    with pytest.raises(OutputExistsError, match="exists and is not a bundle"):
        stop_half_way(target, True, photographs)
    assert contents(tmp_path) == {"out": "folder", "out/wedding.jpg": "mine"}


@pytest.mark.parametrize("stop", [ValueError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("target", ["out", "deep/down/out"])
def test_a_failure_leaves_nothing(tmp_path: Path, target: str, stop: type[BaseException]):
    with pytest.raises(stop):
        stop_half_way(tmp_path / target, False, raiser(stop()))
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("stop", [ValueError, KeyboardInterrupt])
def test_a_failure_leaves_the_bundle_that_was_there(tmp_path: Path, stop: type[BaseException]):
    a_bundle(tmp_path / "out")
    before = contents(tmp_path)
    with pytest.raises(stop):
        stop_half_way(tmp_path / "out", True, raiser(stop()))
    assert contents(tmp_path) == before


def test_a_failure_of_the_last_move_brings_the_old_bundle_back(tmp_path: Path, monkeypatch):
    a_bundle(tmp_path / "out")
    before, rename = contents(tmp_path), Path.rename

    def fail(self: Path, target: Path) -> Path:
        if target == tmp_path / "out" and (self / "golden" / "new").exists():
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(KeyboardInterrupt):
        stage(tmp_path / "out", overwrite=True)
    assert contents(tmp_path) == before


def test_a_full_disk_is_a_clear_error(tmp_path: Path):
    full = OSError(28, "No space left on device")
    with pytest.raises(ExportError, match=r"can't write .*out: .*No space left") as caught:
        stop_half_way(tmp_path / "out", False, raiser(full))
    assert "\n" not in str(caught.value)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("target", ["file/out", "file/deep/out"])
def test_a_parent_that_is_a_file_is_a_clear_error(tmp_path: Path, target: str):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OutputExistsError, match="file is not a folder: choose an output elsewhere"):
        stage(tmp_path / target, True)
    assert contents(tmp_path) == {"file": "mine"}


@pytest.mark.parametrize("target", [".", "..", "/"])
def test_the_current_folder_is_refused(tmp_path: Path, monkeypatch, target: str):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(OutputExistsError, match="is the current folder, or above it"):
        check_target(Path(target), True)

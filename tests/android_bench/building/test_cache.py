"""Finished builds appear whole or not at all, and two builders do not meet."""

import multiprocessing
import os
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from android_bench.building.cache import (
    BUILDS_VARIABLE,
    KEPT,
    RESULT,
    becoming,
    builds_folder,
    key_of,
    locked,
)


def test_the_result_takes_the_place(tmp_path: Path):
    with becoming(tmp_path, "made", key_of("a")) as work:
        (work / "intermediate").touch()
        (work / RESULT / "program").write_text("new")
    assert [path.name for path in (tmp_path / f"made-{key_of('a')}").iterdir()] == ["program"]
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("reason", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_nothing_is_left_of_what_failed(tmp_path: Path, reason: type[BaseException]):
    def fail() -> None:
        with becoming(tmp_path, "made", key_of("a")) as work:
            (work / RESULT / "program").touch()
            raise reason

    with pytest.raises(reason):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_build_left_is_cleared_away(tmp_path: Path):
    (tmp_path / "made-0123.work/build").mkdir(parents=True)
    with becoming(tmp_path, "made", key_of("a")) as work:
        assert list(tmp_path.iterdir()) == [work]
        assert [path.name for path in work.iterdir()] == [RESULT]


def test_the_oldest_builds_go(tmp_path: Path):
    (tmp_path / "made-other").mkdir()
    for number in range(KEPT + 2):
        with becoming(tmp_path, "made", key_of(str(number))):
            pass
        newest = tmp_path / f"made-{key_of(str(number))}"
        os.utime(newest, (number, number))
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"made-other", *(f"made-{key_of(str(n))}" for n in range(2, KEPT + 2))}


def hold(folder: Path, holding: Event, let_go: Event) -> None:
    with locked(folder, "made"):
        holding.set()
        let_go.wait()
        (folder / "order").write_text("first")


def test_one_at_a_time(tmp_path: Path):
    context = multiprocessing.get_context("spawn")
    holding, let_go = context.Event(), context.Event()
    holder = context.Process(target=hold, args=(tmp_path, holding, let_go))
    holder.start()
    assert holding.wait(60)
    let_go.set()
    with locked(tmp_path, "made"):
        assert (tmp_path / "order").read_text() == "first"
    holder.join()


def test_keys_tell_parts_apart():
    assert key_of(["a", "b"]) == key_of(iter(["a", "b"]))
    others = ([], ["ab"], ["a", "b"], ["b", "a"], ["a", "b", ""])
    assert len({key_of(parts) for parts in others}) == len(others)


@pytest.mark.parametrize(("home", "used"), [("/x/cache", True), ("relative", False), ("", False)])
def test_cache_folder(home: str, used: bool, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(BUILDS_VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", home)
    root = home if used else os.path.expanduser("~/.cache")
    assert builds_folder() == Path(root) / "mobileinst-deploy/runner"


def test_a_folder_that_the_environment_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv(BUILDS_VARIABLE, str(tmp_path))
    assert builds_folder() == tmp_path

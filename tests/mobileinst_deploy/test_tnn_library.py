"""What is said about a TNN that is there, or is not; and what a program is built from."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from mobileinst_deploy.errors import RunError
from mobileinst_deploy.runtimes import TNN, TNN_HALF_STORAGE
from mobileinst_deploy.runtimes.tnn.build import (
    SOURCE,
    build_loader,
    cache_folder,
    cache_key,
    command,
    link_flags,
    reason,
)
from mobileinst_deploy.runtimes.tnn.library import HEADER, TnnLibrary, tnn_library
from tests.mobileinst_deploy.tnn_places import place_headers, place_library

Patch = pytest.MonkeyPatch


@pytest.fixture
def tnn(tmp_path: Path) -> TnnLibrary:
    return TnnLibrary(place_library(tmp_path / "lib"), place_headers(tmp_path / "include"))


@pytest.mark.parametrize(
    ("library", "headers"),
    [
        ("libTNN.so", "include"),
        ("lib/libTNN.so", "include"),
        ("build/arm/lib/libTNN.a", "include"),
        ("build-x86/libTNN.a", "src/include"),
    ],
)
def test_headers_are_found_beside_the_library_or_above_it(tmp_path: Path, library, headers):
    headers = place_headers(tmp_path / headers)
    found = place_library(tmp_path / library)
    assert tnn_library({"TNN_LIBRARY": str(found)}) == TnnLibrary(found, headers)


def test_every_setting_has_a_variable(tmp_path: Path):
    found = place_library(tmp_path / "a" / "libTNN.a")
    headers = place_headers(tmp_path / "b")
    environment = {
        "TNN_LIBRARY": str(found),
        "TNN_INCLUDE": str(headers),
        "TNN_DEVICE": "ARM",
        "TNN_PRECISION": "NORMAL",
        "CXX": "sh -e",
        "CXXFLAGS": "-static '-DA=b c'",
        "TNN_LAUNCHER": "env -i",
        "TNN_TIMEOUT_S": "3",
    }
    expected = TnnLibrary(
        *(found, headers, "ARM", "NORMAL"),
        *(("sh", "-e"), ("-static", "-DA=b c"), ("env", "-i"), 3.0),
    )
    assert tnn_library(environment) == expected


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"TNN_LIBRARY": ""}, "there is no TNN: set TNN_LIBRARY or --tnn-lib to your libTNN"),
        ({"TNN_LIBRARY": "none.so"}, "there is no file none.so: set TNN_LIBRARY"),
        ({"TNN_LIBRARY": str(SOURCE)}, "loader.cc is no library, it starts with b'// Runs"),
        ({"TNN_LIBRARY": str(SOURCE.parent)}, "there is no file"),
        ({"TNN_INCLUDE": "none"}, "there is no tnn/core/tnn.h in none: set TNN_INCLUDE"),
        ({"TNN_INCLUDE": ""}, "in a folder `include` beside .* or above it: set TNN_INCLUDE"),
        ({"TNN_DEVICE": "OPENCL"}, "TNN_DEVICE is 'OPENCL', expected one of NAIVE, X86, ARM"),
        ({"TNN_PRECISION": "LOW"}, "TNN_PRECISION is 'LOW', expected one of HIGH, NORMAL"),
        ({"CXX": "no-c++ -O2"}, "there is no program 'no-c\\+\\+': install it or set CXX"),
        ({"CXX": "a 'b"}, "CXX is no list of words: No closing quotation"),
        ({"CXXFLAGS": "'"}, "CXXFLAGS is no list of words"),
        ({"TNN_LAUNCHER": "no-qemu"}, "no program 'no-qemu': install it or set TNN_LAUNCHER"),
        ({"TNN_TIMEOUT_S": "0"}, "TNN_TIMEOUT_S is '0', expected a whole number of seconds"),
    ],
)
def test_what_is_wrong_is_one_line(tmp_path: Path, changed, says):
    library = place_library(tmp_path / "1/2/3/4/5/libTNN.so")
    good = {"TNN_LIBRARY": library, "TNN_INCLUDE": place_headers(tmp_path / "i"), "CXX": "sh"}
    environment = {name: str(value) for name, value in {**good, **changed}.items()}
    assert tnn_library({name: str(value) for name, value in good.items()}).library == library
    with pytest.raises(RunError, match=says) as caught:
        tnn_library(environment)
    assert "\n" not in str(caught.value)


def test_the_runtimes_say_what_is_missing(tmp_path: Path, monkeypatch: Patch):
    monkeypatch.delenv("TNN_LIBRARY", raising=False)
    assert "set TNN_LIBRARY or --tnn-lib" in (TNN.lacks() or "")
    place_headers(tmp_path / "include")
    monkeypatch.setenv("TNN_LIBRARY", str(place_library(tmp_path / "libTNN.so")))
    monkeypatch.setenv("CXX", "sh")
    assert TNN.lacks() is TNN_HALF_STORAGE.lacks() is None


def test_the_version_is_the_file(tnn: TnnLibrary, monkeypatch: Patch):
    monkeypatch.setenv("TNN_LIBRARY", str(tnn.library))
    monkeypatch.setenv("TNN_INCLUDE", str(tnn.include))
    monkeypatch.setenv("CXX", "sh")
    monkeypatch.setenv("TNN_DEVICE", "ARM")
    first = TNN.version()
    assert first.endswith(", ARM, HIGH")
    tnn.library.write_bytes(tnn.library.read_bytes() + b"another build")
    assert TNN.version() != first


def test_an_archive_is_linked_as_a_whole(tnn: TnnLibrary):
    shared = replace(tnn, library=Path("/opt/tnn/libTNN.so"))
    assert link_flags(shared) == ("/opt/tnn/libTNN.so", "-Wl,-rpath,/opt/tnn")
    static = replace(tnn, library=Path("/opt/tnn/libTNN.a"))
    assert link_flags(static) == (
        *("-Wl,--whole-archive", "/opt/tnn/libTNN.a", "-Wl,--no-whole-archive"),
    )


def test_the_compiler_gets_its_words_and_flags(tnn: TnnLibrary):
    words = command(replace(tnn, compiler=("ccache", "g++"), flags=("-static",)), Path("out"))
    assert words[:5] == ["ccache", "g++", "-std=c++11", "-O2", "-static"]
    assert words[5:9] == [f"-I{tnn.include}", str(SOURCE), "-o", "out"]


def test_every_part_changes_the_key(tnn: TnnLibrary):
    others = [
        replace(tnn, compiler=("sh",)),
        replace(tnn, flags=("-static",)),
        replace(tnn, include=tnn.include / "other"),
    ]
    keys = {cache_key(tnn), *map(cache_key, others)}
    tnn.library.write_bytes(b"!<arch>\nanother build")
    assert len({*keys, cache_key(tnn)}) == 5
    runs = replace(tnn, device="ARM", precision="NORMAL", launcher=("env",), timeout_s=1.0)
    assert cache_key(runs) == cache_key(tnn)


def test_the_cache_is_the_users(monkeypatch: Patch):
    monkeypatch.setenv("XDG_CACHE_HOME", "/some/cache")
    assert cache_folder() == Path("/some/cache/mobileinst-deploy")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_folder() == Path.home() / ".cache/mobileinst-deploy"


def test_it_is_built_once(tnn: TnnLibrary, tmp_path: Path, monkeypatch: Patch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    script = tmp_path / "compiler.sh"
    script.write_text('while [ "$1" != -o ]; do shift; done; cp /bin/sh "$2"')
    tnn = replace(tnn, compiler=("sh", str(script)))
    program = build_loader(tnn)
    assert os.access(program, os.X_OK)
    script.write_text("exit 1")
    assert build_loader(tnn) == program
    assert [*cache_folder().iterdir()] == [program]


def test_a_failed_build_leaves_nothing(tnn: TnnLibrary, tmp_path: Path, monkeypatch: Patch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    script = tmp_path / "compiler.sh"
    script.write_text('while [ "$1" != -o ]; do shift; done; cp /bin/sh "$2"; exit 3')
    with pytest.raises(RunError, match=r"loader.cc does not compile with .*: exit code 3"):
        build_loader(replace(tnn, compiler=("sh", str(script))))
    assert [*cache_folder().iterdir()] == []
    monkeypatch.setenv("XDG_CACHE_HOME", str(script))
    with pytest.raises(RunError, match=r"can't write .*: Not a directory"):
        build_loader(tnn)


@pytest.mark.skipif(shutil.which("c++") is None, reason="there is no C++ compiler")
def test_what_the_compiler_says_is_told(tnn: TnnLibrary, tmp_path: Path, monkeypatch: Patch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tnn.include / HEADER).write_text("#error these are other headers\n")
    (tnn.include / HEADER).with_name("blob.h").symlink_to("tnn.h")
    with pytest.raises(RunError, match=r"loader.cc does not compile .*: .*other headers$"):
        build_loader(tnn)


@pytest.mark.parametrize(
    ("before", "why"),
    [
        ("In file included from a:\nb.h:1: warning: c\n", "b.h:2: error: d"),
        ("ld: in function f:\n", "a.cc: undefined reference to `GOMP_parallel'"),
        ("ld: a.o: Relocations in generic ELF\n", "ld: libTNN.a: file in wrong format"),
    ],
)
def test_the_line_that_says_why(before: str, why: str):
    assert reason(f"{before}{why}\nc++: error: another\n") == why


def test_a_compiler_may_say_little():
    assert reason("\nKilled\n") == "Killed"
    assert reason("") == ""

"""The table of targets, and the options that ncnn is built with."""

import dataclasses
import platform
from pathlib import Path

import pytest

from android_bench.building import targets
from android_bench.building.layers import DROPPED_LAYERS, ncnn_options
from android_bench.building.library import library_key
from android_bench.building.targets import find_target, host_target
from android_bench.building.toolchain import Toolchain
from android_bench.errors import BenchError

TOOLCHAIN = Toolchain("a compiler 1", ("1",), lambda folder: (), {})


def test_an_unknown_target_is_refused_with_the_known_ones():
    with pytest.raises(BenchError, match="'riscv': known are aarch64-android, x86_64-linux"):
        find_target("riscv")


def test_a_machine_without_a_target(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert host_target() is None


@pytest.mark.parametrize(
    ("cpu_info", "target"),
    [
        ("processor : 0\nflags\t\t: fpu avx f16c avx2 fma\n", "x86_64-linux"),
        ("flags\t\t: fpu avx f16c avx2\n", None),
        ("", None),
    ],
)
def test_the_cpu_decides(
    cpu_info: str, target: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "cpuinfo").write_text(cpu_info)
    monkeypatch.setattr(targets, "CPU_INFO", tmp_path / "cpuinfo")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    assert host_target() == target


def test_a_target_overrides_what_all_have():
    target = find_target("aarch64-android")
    assert "-DNCNN_INT8=OFF" in ncnn_options(target)
    other = dataclasses.replace(target, switches={"INT8": True}, kernel_flags="-mavx2")
    assert {"-DNCNN_INT8=ON", "-DCMAKE_CXX_FLAGS_RELEASE=-O3 -DNDEBUG -mavx2"} <= set(
        ncnn_options(other)
    )


def test_no_layer_is_dropped_twice():
    assert len(set(DROPPED_LAYERS)) == len(DROPPED_LAYERS)


@pytest.mark.parametrize(
    ("change_target", "change_toolchain"),
    [({"switches": {"INT8": True}}, {}), ({}, {"key": ("2",)})],
    ids=["an option of ncnn's", "the toolchain"],
)
def test_ncnn_is_built_again_where_something_changed(
    change_target: dict[str, object], change_toolchain: dict[str, object]
):
    target = find_target("aarch64-android")
    other = dataclasses.replace(target, **change_target)  # type: ignore[arg-type]
    toolchain = dataclasses.replace(TOOLCHAIN, **change_toolchain)  # type: ignore[arg-type]
    assert library_key(target, TOOLCHAIN) == library_key(target, TOOLCHAIN)
    assert library_key(other, toolchain) != library_key(target, TOOLCHAIN)

"""The table of targets, and the options that ncnn is built with."""

import dataclasses
import platform

import pytest

from android_bench.building.layers import DROPPED_LAYERS, ncnn_options
from android_bench.building.library import library_key
from android_bench.building.targets import HOSTS, TARGETS, find_target, host_target
from android_bench.building.toolchain import Toolchain
from android_bench.errors import BenchError

TOOLCHAIN = Toolchain("a compiler 1", ("1",), lambda folder: (), {})


def test_an_unknown_target_is_refused_with_the_known_ones():
    with pytest.raises(BenchError, match="'riscv': known are aarch64-android, x86_64-linux"):
        find_target("riscv")


def test_hosts_are_targets():
    assert set(HOSTS.values()) <= set(TARGETS)


def test_a_machine_without_a_target(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert host_target() is None


def test_a_target_overrides_what_all_have():
    assert "-DNCNN_INT8=OFF" in ncnn_options({})
    assert "-DNCNN_INT8=ON" in ncnn_options({"INT8": True})


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

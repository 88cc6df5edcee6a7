"""Bounds by hand on a core of round numbers: 4 GMAC/s; L1 64, L2 32, L3 16, memory 1 GB/s."""

from pathlib import Path

import pytest

from android_bench.device.profiles import load_profile, profiles
from mobileinst_deploy.estimate.machine import make_machine
from mobileinst_deploy.estimate.onnx_graph import read_graph
from mobileinst_deploy.estimate.roofline import bound_graph
from tests.mobileinst_deploy.estimate.graphs import bound, convolution

NS = 1e-6  # in ms


def test_arithmetic_rules_a_dense_convolution():
    found = bound(convolution("1,8,8,8", "8,8,3,3", "1,8,8,8", then="y = Relu(c)"))
    (layer,) = found.layers
    assert layer.macs == 8 * 64 * 72
    assert layer.other_operations == 8 * 64
    assert layer.compute_ms == pytest.approx((36864 + 512) / 4 * NS)
    # 2048 bytes in, 2048 out, 2304 of weights: none fits L1 (1 KiB), all fit L2
    assert (layer.bytes_read, layer.bytes_of_weights, layer.bytes_written) == (2048, 2304, 2048)
    assert layer.memory_ms == pytest.approx(6400 / 32 * NS)
    assert (layer.bound_ms, layer.ruled_by) == (layer.compute_ms, "compute")


def test_the_level_that_holds_a_tensor_rules_its_bytes():
    sizes = {  # numbers -> the level that holds them, and its bytes in a nanosecond
        64: ("L1", 64),
        1024: ("L2", 32),
        65536: ("L3", 16),
        1048576: ("memory", 1),
    }
    for size, (level, speed) in sizes.items():
        found = bound(
            f"g (float[{size}] x, float[{size}] z) => (float[{size}] y) {{ y = Add(x, z) }}"
        )
        (layer,) = found.layers
        assert layer.compute_ms == 0  # an accumulator starts from it
        assert layer.memory_ms == pytest.approx(3 * 4 * size / speed * NS)
        assert layer.ruled_by == level


def test_levels_work_at_the_same_time_and_layers_one_after_the_other():
    """A tensor comes from memory, another one from L1 in its time; then L1 alone rules a layer."""
    found = bound(
        """g (float[256,1024] x, float[256,1] small, float[64] z)
        => (float[256,1] y, float[128] r)
        { p = Mul(x, small)  y = ReduceMax<keepdims = 1>(p)  r = Concat<axis = 0>(z, z)
          s = Add(z, z) }"""
    )
    product, maximum, added = found.layers
    assert product.memory_ms == pytest.approx(2 * 4 * 262144 / 16 * NS)
    assert product.compute_ms == pytest.approx(262144 / 4 * NS)
    assert product.ruled_by == "L3"
    assert (maximum.ruled_by, added.ruled_by) == ("compute", "L1")
    assert found.bound_ms == product.bound_ms + maximum.bound_ms + added.bound_ms
    assert sum(found.ruled_ms.values()) == pytest.approx(found.bound_ms)


def test_weights_come_from_where_all_of_the_graphs_weights_fit():
    """Each layer's 8 KiB of weights would fit into L2, but both together do not fit into 16 KiB."""
    layer = "{0} = MatMul({1}, {2})"
    sides = ", ".join(["0.5"] * 2304)
    text = f"""g (float[1,48] x) => (float[1,48] y)
        <float[48,48] v = {{{sides}}}, float[48,48] w = {{{sides}}}>
        {{ {layer.format("a", "x", "v")}  {layer.format("y", "a", "w")} }}"""
    found = bound(text)
    assert found.bytes_of_weights == 2 * 9216
    assert [one.memory_ms for one in found.layers] == pytest.approx([9216 / 16 * NS] * 2)


def test_half_the_bytes_and_twice_the_lanes_in_fp16():
    text = convolution("1,8,8,8", "8,8,3,3", "1,8,8,8")
    full, half = bound(text), bound(text, precision="fp16")
    assert half.compute_ms == full.compute_ms / 2
    assert half.bytes_moved == full.bytes_moved / 2


def test_what_has_no_known_arithmetic_is_named():
    found = bound("g (float[2,3] x) => (float[2,3] y) { y = Floor(x) }")
    assert found.uncounted == ("Floor",)
    assert found.bound_ms > 0


@pytest.mark.parametrize("name", ["keyframe", "reuse_folded"])
@pytest.mark.parametrize("profile", profiles().values(), ids=profiles())
def test_more_of_anything_never_raises_the_bound(small_bundle: Path, name, profile):
    read = read_graph(small_bundle / f"{name}.onnx")
    by_core = {}
    for core in ("prime", "big", "little"):
        bounds = {
            (precision, how): bound_graph(read, make_machine(profile, core, precision), how)
            for precision in ("fp32", "fp16")
            for how in ("direct", "winograd")
        }
        for how in ("direct", "winograd"):
            pairs = zip(bounds["fp16", how].layers, bounds["fp32", how].layers, strict=True)
            assert all(half.bound_ms <= full.bound_ms for half, full in pairs)
        for precision in ("fp32", "fp16"):
            pairs = zip(
                bounds[precision, "winograd"].layers,
                bounds[precision, "direct"].layers,
                strict=True,
            )
            assert all(quick.bound_ms <= direct.bound_ms for quick, direct in pairs)
        by_core[core] = bounds["fp32", "direct"].bound_ms
    assert by_core["prime"] <= by_core["big"] <= by_core["little"]


def test_the_keyframe_on_the_papers_phone_is_ruled_by_arithmetic(small_bundle: Path):
    read = read_graph(small_bundle / "keyframe.onnx")
    found = bound_graph(
        read, make_machine(load_profile("snapdragon-778g"), "prime", "fp32"), "direct"
    )
    assert found.bound_ms >= found.macs / 19.2e9 * 1e3
    assert found.ruled_ms["compute"] > 0.9 * found.bound_ms
    assert (
        max(found.compute_ms, found.memory_ms)
        <= found.bound_ms
        <= found.compute_ms + found.memory_ms
    )

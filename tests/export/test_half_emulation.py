"""The emulation shows what float16 does to a network, and that islands cure it."""

import functools

import numpy as np
import onnx
import pytest

from export.half_emulation import emulate_half, run_half
from export.half_range import find_islands, half_ranges
from export.onnx_tensors import onnx_session, run_onnx
from export.tensor_runs import each_tensor
from mobileinst_deploy.parity.metrics import compare, in_user_terms
from mobileinst_deploy.parity.tolerances import TOLERANCES, judge
from tests.export.keyframes import frames, keyframe
from tests.export.planting import find_pair, scaled

HEADER = '<ir_version: 10, opset_import: ["" : 18]> '
CONV = (
    "g (float[1,1,1,2] x) => (float[1,1,1,2] z)"
    " <float[1,1,1,1] v = {100.1}, float[1,1,1,1] w = {0.1}>"
    " { y = Conv (x, v)  z = Conv (y, w) }"
)

Arrays = dict[str, np.ndarray]


@functools.cache
def exact() -> Arrays:
    """What the network gives in float32 for the first frame."""
    return run_onnx(onnx_session(keyframe().SerializeToString()), frames(0)[0])


def relative(got: Arrays) -> float:
    """Of the worst output; infinite where one is not finite."""
    metrics = [compare(value, got[name]) for name, value in exact().items()]
    broken = any(m.nan or m.inf or m.relative is None for m in metrics)
    return float("inf") if broken else max(m.relative or 0 for m in metrics)


def of_text(text: str) -> onnx.ModelProto:
    return onnx.parser.parse_model(HEADER + text)


def run_text(islands: frozenset[str], *values: float) -> list[float]:
    x = np.array(values, np.float32).reshape(1, 1, 1, 2)
    return run_half(of_text(CONV), {"x": x}, islands)["z"].ravel().tolist()


def half(value: float) -> float:
    return float(np.float16(value))


def test_a_calibrated_network_is_within_float16s_limits():
    got = run_half(keyframe(), frames(0)[0])
    for name, wanted in exact().items():
        terms = in_user_terms(name, wanted, got[name])
        verdict = judge(compare(wanted, got[name]), TOLERANCES["fp16"], terms)
        assert verdict.passed, f"{name} {verdict.sentence}"
    assert relative(got) > 1e-3  # it is not float32


def test_every_tensor_is_a_float16():
    emulated = emulate_half(keyframe())
    names = [node.output[0] for node in keyframe().graph.node]
    for name, array in each_tensor(emulated, names, frames(0)):
        assert np.array_equal(array, array.astype(np.float16)), name
    written, ours = emulated.graph, keyframe().graph
    assert (written.input, written.output) == (ours.input, ours.output)
    onnx.checker.check_model(emulated)


def test_optimisations_leave_the_casts_alone():
    optimised = run_onnx(onnx_session(emulate_half(keyframe()).SerializeToString()), frames(0)[0])
    assert relative(optimised) == pytest.approx(relative(run_half(keyframe(), frames(0)[0])), rel=1)


@pytest.mark.parametrize(("exponent", "broken"), [(18, float("inf")), (-22, 0.05)])
def test_islands_cure_what_was_planted(exponent: int, broken: float):
    planted = scaled(keyframe(), find_pair(keyframe(), "backbone.pyramid.1"), exponent)
    islands = find_islands(half_ranges(planted, frames(0)))
    assert relative(run_half(planted, frames(0)[0])) >= broken
    healthy = relative(run_half(keyframe(), frames(0)[0]))
    assert relative(run_half(planted, frames(0)[0], islands)) <= 2 * healthy


def test_islands_keep_what_they_hold_and_their_readers_round():
    """v, x and y round; or y and both layers' weights stay; z always rounds."""
    y = half(half(0.3) * half(100.1))
    assert run_text(frozenset(), 0.3, 1000) == [half(y * half(0.1)), np.inf]
    with_y = run_text(frozenset({"y"}), 0.3, 1000)
    assert with_y == [half(half(0.3) * 100.1 * 0.1), half(1000 * 100.1 * 0.1)]


def test_an_input_can_be_an_island():
    x = np.array([[[[70000.0, 1.0]]]], np.float32)
    model = of_text("g (float[1,1,1,2] x) => (float[1,1,1,2] z) { z = Clip (x) }")
    assert run_half(model, {"x": x})["z"].ravel().tolist() == [np.inf, 1]
    islands = frozenset({"x", "z"})
    assert run_half(model, {"x": x}, islands)["z"].ravel().tolist() == [70000, 1]


def test_what_is_no_float_stays():
    text = "g (float[1,n] x) => (int64[2] s, float[1,n] y) { s = Shape (x)  y = Reshape (x, s) }"
    got = run_half(of_text(text), {"x": np.array([[0.1, 3]], np.float32)})
    assert (got["s"].tolist(), got["y"].tolist()) == ([1, 2], [[half(0.1), 3]])


def test_the_model_itself_is_not_changed():
    model = of_text(CONV)
    before = model.SerializeToString()
    emulate_half(model, frozenset({"y"}))
    assert model.SerializeToString() == before

"""The finder names what float16 can't hold, and nothing else."""

from collections.abc import Sequence

import numpy as np
import onnx
import pytest

from export.errors import ConversionError
from export.half_range import find_islands, half_ranges
from export.half_verdict import HALF_MAX, Range
from export.onnx_tensors import onnx_session, run_onnx
from tests.export.keyframes import frames, keyframe
from tests.export.planting import find_pair, scaled

HEADER = '<ir_version: 10, opset_import: ["" : 18]> '


def of_text(text: str) -> onnx.ModelProto:
    return onnx.parser.parse_model(HEADER + text)


def ranges_of(text: str, *values: Sequence[float]) -> dict[str, Range]:
    """Of a graph from x, on one frame after the other."""
    given = [{"x": np.array([value], np.float32)} for value in values]
    return {one.tensor: one for one in half_ranges(of_text(text), given)}


def in_danger(ranges: Sequence[Range], kind: str = "activation") -> dict[str, str]:
    dangers = ("overflows", "vanishes")
    return {r.tensor: r.verdict for r in ranges if r.verdict in dangers and r.kind == kind}


NEG = "g (float[1,3] x) => (float[1,3] y) { y = Neg (x) }"


def test_a_calibrated_network_fits():
    ranges = half_ranges(keyframe(), frames(0, 1, 2))
    assert in_danger(ranges) == in_danger(ranges, "weight") == {}
    assert find_islands(ranges) == frozenset()
    computed = [r for r in ranges if r.kind == "activation"]
    assert [r.tensor for r in computed] == [node.output[0] for node in keyframe().graph.node]
    assert max(r.largest for r in ranges) < 1000
    assert next(r for r in ranges if r.kind == "input").tensor == "image"


@pytest.mark.parametrize(("exponent", "verdict"), [(18, "overflows"), (-20, "vanishes")])
def test_planted_trouble_is_named_and_nothing_else(exponent: int, verdict: str):
    pair = find_pair(keyframe(), "backbone.pyramid.1")
    planted = scaled(keyframe(), pair, exponent)
    given = frames(0)
    before, after = (
        run_onnx(onnx_session(m.SerializeToString()), given[0]) for m in (keyframe(), planted)
    )
    assert all(np.array_equal(before[name], after[name]) for name in before)
    ranges = half_ranges(planted, given)
    assert in_danger(ranges) == dict.fromkeys(pair.between, verdict)
    # What balances the scale is out of range in the other direction, or the same.
    weights = in_danger(ranges, "weight")
    assert set(weights) <= {*pair.first.input[1:], *pair.second.input[1:]}
    assert pair.between <= find_islands(ranges) <= {*pair.between, pair.second.output[0]}


def test_a_range_covers_all_frames():
    y = ranges_of(NEG, [1, -70000, 0], [2, 0.25, 1e-5])["y"]
    assert (y.largest, y.kind, y.operation, y.layers) == (70000, "activation", "Neg", ("y",))
    assert y.smallest == 0.25  # beside the 2 of its frame, 1e-5 does not matter
    assert y.overflowing == pytest.approx(1 / 6)
    assert y.vanishing == pytest.approx(1 / 5)  # of those that are not 0
    assert y.verdict == "overflows"
    assert y.sentence == "reaches 7e+04, beyond 65504: float16 makes it infinite"


@pytest.mark.parametrize(
    ("values", "verdict", "sentence"),
    [
        ([1, 2, 3], "fine", "reaches 3, in float16's range"),
        ([0, 0, 0], "fine", "is all 0"),
        (
            [HALF_MAX, 1, 1],
            "near",
            "reaches 6.55e+04, over a 4th of 65504: other frames may overflow",
        ),
        (
            [1e-7, 2e-8, 0],
            "vanishes",
            "loses 0.27 of its length: 100% of its values become 0 or subnormal, "
            "the largest is 1e-07",
        ),
        # small beside large ones is no loss: what a softmax gives
        ([1, 1e-7, 1e-9], "fine", "reaches 1, in float16's range"),
    ],
)
def test_verdicts(values: list[float], verdict: str, sentence: str):
    y = ranges_of(NEG, values)["y"]
    assert (y.verdict, y.sentence) == (verdict, sentence)


def test_an_input_out_of_range_concerns_what_reads_it():
    ranges = ranges_of(NEG, [1e6, 0, 0])
    assert (ranges["x"].kind, ranges["x"].layers, ranges["x"].verdict) == (
        "input",
        ("y",),
        "overflows",
    )
    assert find_islands([ranges["x"]]) == {"y"}


def test_weights_have_ranges_too():
    text = "g (float[1,2] x) => (float[1,2] y) <float[2] w = {1e5, 1.0}> { y = Mul (x, w) }"
    w = ranges_of(text, [1e-6, 1])["w"]
    assert (w.kind, w.operation, w.layers, w.verdict) == ("weight", "Mul", ("y",), "overflows")


# graph, value of all 4 elements of x, largest sum inside
INNER = {
    "layer norm": (
        "g (float[1,4] x) => (float[1,4] y) <float[4] s = {1.0, 1.0, 1.0, 1.0}>"
        " { y = LayerNormalization <axis = -1> (x, s) }",
        [-200, 200, -200, 200],
        160000,
    ),
    "mean": (
        "g (float[1,4] x) => (float[1,1] y) <int64[1] a = {-1}> { y = ReduceMean (x, a) }",
        [20000] * 4,
        80000,
    ),
    "mean of all": (
        "g (float[1,4] x) => (float[1,1] y) { y = ReduceMean (x) }",
        [20000] * 4,
        80000,
    ),
    "length": (
        "g (float[1,4] x) => (float[1,1] y) <int64[1] a = {1}> { y = ReduceL2 (x, a) }",
        [200] * 4,
        160000,
    ),
}


@pytest.mark.parametrize("case", INNER)
def test_sums_that_no_tensor_shows(case: str):
    text, values, largest = INNER[case]
    y = ranges_of(text, values)["y"]
    assert y.largest < HALF_MAX < y.inner_sum == pytest.approx(largest)
    assert y.verdict == "overflows"
    assert "a kernel that adds in float16" in y.sentence


@pytest.mark.parametrize("op", ["AveragePool <kernel_shape = [2, 2]>", "GlobalAveragePool"])
def test_sums_of_a_window(op: str):
    text = f"g (float[1,1,2,2] x) => (float[1,1,1,1] y) {{ y = {op} (x) }}"
    y = ranges_of(text, [[[20000, 20000], [20000, 20000]]])["y"]
    assert (y.largest, y.inner_sum, y.verdict) == (20000, 80000, "overflows")


def test_sums_of_products_are_marked():
    marked = {r.operation for r in half_ranges(keyframe(), frames(0)) if r.sum_of_products}
    assert marked == {"Conv", "MatMul"}


def test_no_frames_and_frames_that_break_the_network_are_refused():
    with pytest.raises(ConversionError, match="expected one frame or more"):
        half_ranges(of_text(NEG), [])
    with pytest.raises(ConversionError, match="g: x has NaN or infinity in float32 already"):
        ranges_of(NEG, [np.inf, 0, 0])


def test_an_operator_that_onnx_does_not_know_is_refused():
    text = '<ir_version: 10, opset_import: ["" : 18, "x" : 1]> '
    model = onnx.parser.parse_model(
        text + "g (float[1,3] x) => (float[1,3] y) { a = x.Made (x)  y = Neg (a) }"
    )
    with pytest.raises(
        ConversionError, match="g: onnx does not know the type of a, which Made gives"
    ):
        half_ranges(model, [{"x": np.ones((1, 3), np.float32)}])

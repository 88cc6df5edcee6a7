"""What each pass finds, what it leaves alone, and that the net still computes the same."""

from pathlib import Path

import pytest

from export.errors import UnsupportedOpError
from export.to_tnn.convert import convert
from export.to_tnn.prepare import PASSES
from tests.export.to_tnn.graphs import check_agrees, layer_types, parse

X = "float[1,4,6,5] x"
TOKENS = "float[1,6,8] x"
CONSTANTS = (
    "float zero = {0}, float half = {0.5}, float one = {1}, float two = {2}, float three = {3}, "
    "float six = {6}, float sixth = {0.16666667}, float root = {1.41421356}, "
    "float inverse = {0.70710678}, float eps = {0.00001}, int64[1] last = {-1}, "
    "float[4] spread = {0.5, 1, 2, 3}"
)


def check_layers(
    given: str, body: str, layers: str, folder: Path, opset: int = 18, constants: str = ""
) -> None:
    """The layers for a graph with the result y, and that they compute what it does."""
    model = parse(f"g ({given}) => (float[] y) <{CONSTANTS}{constants}> {{ {body} }}", opset)
    assert layer_types(check_agrees(model, folder)) == layers.split()


GELU = "d = Div(x, root) e = Erf(d) a = Add(e, one)"


@pytest.mark.parametrize(
    ("body", "layers"),
    [
        (f"{GELU} p = Mul(x, a) y = Mul(p, half)", "GELU"),
        (f"{GELU} h = Mul(x, half) y = Mul(h, a)", "GELU"),
        (f"{GELU} h = Mul(half, a) y = Mul(h, x)", "GELU"),
        ("d = Mul(inverse, x) e = Erf(d) a = Add(one, e) h = Mul(a, x) y = Mul(half, h)", "GELU"),
        (f"{GELU} p = Mul(x, a) q = Mul(p, half) y = Add(p, q)", ""),
        (f"{GELU} p = Mul(x, a) y = Mul(p, two)", ""),
        (f"{GELU} p = Mul(d, a) y = Mul(p, half)", ""),
    ],
)
def test_gelu_in_any_order(body: str, layers: str, tmp_path: Path):
    if layers:
        check_layers(TOKENS, body, layers, tmp_path)
    else:
        with pytest.raises(UnsupportedOpError, match="Erf"):
            check_layers(TOKENS, body, layers, tmp_path)


MEAN = "m = ReduceMean(x, last) c = Sub(x, m)"
QUOTIENT = "v = ReduceMean(q, last) e = Add(v, eps) s = Sqrt(e)"


@pytest.mark.parametrize(
    ("body", "layers"),
    [
        (
            f"{MEAN} q = Pow(c, two) {QUOTIENT} n = Div(c, s) f = Mul(n, w) y = Add(f, b)",
            "LayerNorm",
        ),
        (f"{MEAN} q = Mul(c, c) {QUOTIENT} n = Div(c, s) f = Mul(w, n) y = Add(b, f)", "LayerNorm"),
        (f"{MEAN} q = Pow(c, two) {QUOTIENT} n = Div(c, s) y = Mul(n, w)", "LayerNorm"),
        (f"{MEAN} q = Pow(c, two) {QUOTIENT} y = Div(c, s)", "LayerNorm"),
        (f"{MEAN} q = Pow(c, two) {QUOTIENT} n = Div(c, s) y = Mul(n, x)", "LayerNorm Mul"),
        (
            f"{MEAN} q = Pow(c, two) {QUOTIENT} n = Div(c, m) y = Mul(n, s)",
            "ReduceMean Sub Power ReduceMean Add Sqrt Div Mul",
        ),
        (
            f"{MEAN} q = Pow(x, two) {QUOTIENT} y = Div(c, s)",
            "ReduceMean Sub Power ReduceMean Add Sqrt Div",
        ),
    ],
)
def test_layer_norm_spelled_out(body: str, layers: str, tmp_path: Path):
    check_layers(f"{TOKENS}, float[8] w, float[8] b", body, layers, tmp_path)


GROUPED = "r = Reshape(x, grouped) n = InstanceNormalization(r, gs, gb)"


@pytest.mark.parametrize(
    ("body", "layers"),
    [
        (f"{GROUPED} i = Reshape(n, whole) p = Mul(i, w) y = Add(p, b)", "GroupNorm"),
        (f"{GROUPED} i = Reshape(n, whole) p = Mul(w, i) y = Add(b, p)", "GroupNorm"),
        (f"{GROUPED} i = Reshape(n, whole) y = Add(i, half)", "GroupNorm"),
        (f"{GROUPED} y = Reshape(n, whole)", "GroupNorm"),
        (f"{GROUPED} i = Reshape(n, whole) y = Mul(i, rows)", "GroupNorm Mul"),
        (f"{GROUPED} i = Reshape(n, whole) y = Mul(i, x)", "GroupNorm Mul"),
        (f"{GROUPED} i = Reshape(n, whole) p = Mul(i, w) y = Mul(p, i)", "GroupNorm Mul Mul"),
        (f"{GROUPED} i = Reshape(n, turned) y = Abs(i)", "Reshape InstBatchNormCxx Reshape Abs"),
        (f"{GROUPED} y = Abs(n)", "Reshape InstBatchNormCxx Abs"),
        ("y = InstanceNormalization(x, cs, cb)", "InstBatchNormCxx"),
    ],
)
def test_group_norm_spelled_with_instance_norm(body: str, layers: str, tmp_path: Path):
    shapes = ", int64[3] grouped = {0, 2, -1}, int64[4] whole = {1, 4, 6, 5}"
    check_layers(
        f"{X}, float[4,1,1] w, float[1,4,1,1] b, float[6,1] rows, float[2] gs, float[2] gb, "
        "float[4] cs, float[4] cb",
        body, layers, tmp_path, constants=f"{shapes}, int64[4] turned = {{1, 4, 5, 6}}",
    )  # fmt: skip


CLIPPED = "a = Add(x, three) c = Clip(a, zero, six)"


@pytest.mark.parametrize(
    ("body", "layers"),
    [
        ("s = Sigmoid(x) y = Mul(x, s)", "Swish"),
        ("s = Sigmoid(x) y = Mul(s, x)", "Swish"),
        ("s = Sigmoid(x) y = Mul(s, half)", "Sigmoid Mul"),
        ("h = HardSigmoid <alpha=0.16666667> (x) y = Mul(x, h)", "HardSwish"),
        ("h = HardSigmoid (x) y = Mul(x, h)", "HardSigmoid Mul"),
        (f"{CLIPPED} y = Div(c, six)", "HardSigmoid"),
        (f"{CLIPPED} y = Mul(c, sixth)", "HardSigmoid"),
        (f"{CLIPPED} h = Div(c, six) y = Mul(h, x)", "HardSwish"),
        (f"{CLIPPED} h = Mul(x, c) y = Div(h, six)", "HardSwish"),
        (f"{CLIPPED} h = Mul(c, x) y = Mul(h, sixth)", "HardSwish"),
        (f"{CLIPPED} y = Div(c, two)", "Add ReLU6 Div"),
        ("a = Add(x, two) c = Clip(a, zero, six) y = Div(c, six)", "Add ReLU6 Div"),
    ],
)
def test_gates(body: str, layers: str, tmp_path: Path):
    check_layers(X, body, layers, tmp_path)


@pytest.mark.parametrize(
    ("body", "layers"),
    [
        ("c = Conv(x, w) y = Relu(c)", "Convolution"),
        ("c = Conv(x, w) y = Clip(c, zero, six)", "Convolution"),
        ("c = Conv(x, w) y = Clip(c, zero, three)", "Convolution Clip"),
        ("c = Conv(x, w) r = Relu(c) y = Add(c, r)", "Convolution ReLU Add"),
        ("c = Conv(x, w) y = Sigmoid(c)", "Convolution Sigmoid"),
        ("c = Conv(x, w) b = BatchNormalization(c, s, s, s, spread) y = Relu(b)", "Convolution"),
        (
            "c = Conv(x, w) b = BatchNormalization(c, s, s, s, spread) y = Mul(b, c)",
            "Convolution BatchNormCxx Mul",
        ),
    ],
)
def test_what_a_convolution_takes_along(body: str, layers: str, tmp_path: Path):
    check_layers(f"{X}, float[4,4,1,1] w, float[4] s", body, layers, tmp_path)


@pytest.mark.parametrize(
    ("given", "body", "layers"),
    [
        ("float[1,1,8] b", "m = MatMul(x, w) y = Add(b, m)", "MatMul Add"),
        ("float[8] b", "m = MatMul(x, w) y = Add(m, b)", "MatMul Add"),
        ("float[1,6,1] b", "m = MatMul(x, w) y = Add(m, b)", "MatMul Add"),
    ],
)
def test_a_bias_behind_a_product(given: str, body: str, layers: str, tmp_path: Path):
    check_layers(f"{TOKENS}, float[8,8] w, {given}", body, layers, tmp_path)


def test_a_bias_has_one_axis_and_stands_on_the_right():
    text = f"g ({TOKENS}, float[8,5] w, float[1,1,5] b) => (float[] y)"
    net = convert(parse(f"{text} {{ m = MatMul(x, w) y = Add(b, m) }}")).net
    assert [layer.params for layer in net.layers] == [("1",), ("1",)]
    assert net.resources[1].arrays["element"].shape == (5,)


@pytest.mark.parametrize(
    ("body", "layers", "opset"),
    [
        ("i = Identity(x) j = Identity(i) y = Relu(j)", "ReLU", 18),
        ("r = Relu(x) y = Identity(r)", "ReLU", 18),
        ("r = Relu(x) d = Dropout(r) y = Abs(d)", "ReLU Abs", 18),
        ("r = Relu(x) c = Cast <to=1> (r) y = Abs(c)", "ReLU Abs", 18),
        ("c = Constant <value = float {2.0}> () y = Mul(x, c)", "Mul", 18),
        ("c = Constant <value_float = 2.0> () d = Exp(c) y = Mul(x, d)", "Mul", 18),
    ],
)
def test_nodes_that_change_nothing(body: str, layers: str, opset: int, tmp_path: Path):
    check_layers(X, body, layers, tmp_path, opset)


@pytest.mark.parametrize(
    ("body", "layers", "opset"),
    [
        ("s = Squeeze <axes=[0]> (x) y = Unsqueeze <axes=[0,2]> (s)", "Squeeze Unsqueeze", 11),
        ("y = ReduceMean <axes=[2,3], keepdims=0> (x)", "ReduceMean", 13),
        ("y = ReduceSum <axes=[1]> (x)", "ReduceSum", 11),
        ("y = Clip <min=-1.0, max=1.0> (x)", "Clip", 9),
        ("y = Pad <pads=[0,0,1,2,0,0,0,1], value=0.5> (x)", "Pad", 9),
        ("y = Slice <starts=[1,0], ends=[3,-1], axes=[1,3]> (x)", "StridedSliceV2", 9),
        ("a, b = Split <axis=1, split=[1,3]> (x) r = ReduceSum <axes=[1]> (b) y = Add(a, r)",
         "SplitV ReduceSum Add", 11),
        ("a, b = Split <axis=1> (x) y = Add(a, b)", "SplitV Add", 13),
        ("y = Sum(x, x, x)", "Add Add", 13),
        ("a = Abs(x) y = Max(x, a, half)", "Abs Maximum Maximum", 13),
        ("y = Softmax <axis=1> (x)", "Reshape SoftmaxCaffe Reshape", 11),
        ("y = Softmax <axis=3> (x)", "SoftmaxCaffe", 11),
    ],
)  # fmt: skip
def test_older_operator_sets(body: str, layers: str, opset: int, tmp_path: Path):
    check_layers(X, body, layers, tmp_path, opset)


@pytest.mark.parametrize("opset", [9, 10])
def test_upsample_and_the_first_resize(opset: int, tmp_path: Path):
    op = {9: "Upsample", 10: "Resize"}[opset]
    text = f"g ({X}) => (float[] y) <float[4] s = {{1,1,2,2}}> {{ y = {op} (x, s) }}"
    assert layer_types(check_agrees(parse(text, opset), tmp_path)) == ["Upsample"]


def test_every_pass_is_listed_and_has_its_reason():
    assert len(set(PASSES)) == len(PASSES)
    assert all(edit.__doc__ for edit in PASSES)

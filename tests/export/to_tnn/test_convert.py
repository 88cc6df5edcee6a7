"""A model as a whole: its names, its free sides, what several graphs share, what is refused."""

from pathlib import Path

import numpy as np
import onnx
import pytest

from export.errors import ConversionError, UnsupportedOpError
from export.golden_io import golden_inputs
from export.manifest import open_bundle
from export.to_tnn.convert import convert
from export.to_tnn.names import RECORD_BYTES, records_of
from export.to_tnn.net import NetInput
from export.to_tnn.registry import OPS, handles
from tests.export.to_tnn.graphs import check_agrees, layer_types, parse

GRAPHS = ("keyframe", "fold", "reuse_folded", "reuse_plain")


@pytest.mark.parametrize("name", GRAPHS)
def test_a_bundles_graphs(name: str, small_bundle: Path, tmp_path: Path):
    model = onnx.load(small_bundle / f"{name}.onnx")
    inputs = golden_inputs(open_bundle(small_bundle), name, 1)
    check_agrees(model, tmp_path, inputs=inputs)


def test_graphs_of_a_bundle_name_equal_weights_equally(small_bundle: Path):
    keyframe, reuse = (
        convert(onnx.load(small_bundle / f"{name}.onnx")).net
        for name in ("keyframe", "reuse_plain")
    )
    first = {(resource.type, resource.layer): resource.arrays for resource in keyframe.resources}
    second = {(resource.type, resource.layer): resource.arrays for resource in reuse.resources}
    common = [key for key in first if key in second and key[0] == "Convolution"]
    assert len(common) > 0.9 * sum(key[0] == "Convolution" for key in second)
    for key in common:
        for role, array in first[key].items():
            np.testing.assert_array_equal(array, second[key][role])


def test_names_are_ours_where_tnn_takes_them():
    model = parse("g (float[2,3] x) => (float[] y, float[] z) { m = Abs(x) y = Neg(m) z = Exp(m) }")
    renames = {"x": "x: 1", "y": "out, 2", "z": "out__2", "m": "stem/block.0"}
    rename(model, renames)
    converted = convert(model)
    assert converted.names == {"x: 1": "x__1", "out, 2": "out__2~f10b8efe", "out__2": "out__2"}
    assert [layer.outputs for layer in converted.net.layers] == [
        ("stem/block.0",),
        ("out__2~f10b8efe",),
        ("out__2",),
    ]


def rename(model: onnx.ModelProto, table: dict[str, str]) -> None:
    for node in model.graph.node:
        for names in (node.input, node.output):
            names[:] = [table[name] for name in names]
    for value in (*model.graph.input, *model.graph.output):
        value.name = table[value.name]


def many_inputs(count: int, length: int) -> onnx.ModelProto:
    """A Concat of that many tensors with names of that many characters."""
    names = [f"x{place:03}".ljust(length, "x") for place in range(count)]
    given = ", ".join(f"float[1,2] {name}" for name in names)
    return parse(f"g ({given}) => (float[] y) {{ y = Concat <axis=1> ({', '.join(names)}) }}")


def test_long_names_get_shorter_in_records_that_tnn_would_cut(tmp_path: Path):
    converted = check_agrees(many_inputs(100, 90), tmp_path)
    longest = max(record.length for record in records_of(converted.net))
    assert RECORD_BYTES - 100 < longest <= RECORD_BYTES
    assert len(set(converted.net.layers[0].inputs)) == 100


def test_more_blobs_than_a_record_can_name():
    with pytest.raises(
        ConversionError, match="the list of inputs has 500 blobs, more than the 4095"
    ):
        convert(many_inputs(500, 10))


def test_free_sides_are_given(tmp_path: Path):
    text = "g (float[n,3] xa, float[n,m] xb) => (float[n,k] y) { y = Concat <axis=1> (xa, xb) }"
    converted = convert(parse(text), {"xa": (2, 3), "xb": (2, 5)})
    assert converted.net.inputs == (
        NetInput("xa", (2, 3), "float32"),
        NetInput("xb", (2, 5), "float32"),
    )


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ({}, r"the input 'x' has free sides, \[1, n, 256\].* give its shape, as in x=1x1x256"),
        ({"x": (1, 2)}, r"the input 'x' is \[1, n, 256\], which the shape \[1, 2\] does not fit"),
        ({"x": (2, 2, 256)}, "does not fit"),
        ({"x": (1, 0, 256)}, "does not fit"),
        ({"z": (1,)}, "a shape is given for z, which the model does not take: its inputs are x"),
    ],
)
def test_shapes_that_are_missing_or_wrong(shapes: dict, message: str):
    with pytest.raises(ConversionError, match=message) as caught:
        convert(parse("g (float[1,n,256] x) => (float[] y) { y = Abs(x) }"), shapes)
    assert "\n" not in str(caught.value)


def test_bytes_come_as_floats():
    text = "g (uint8[1,2] x) => (float[] y) { f = Cast <to=1> (x) y = Abs(f) }"
    converted = convert(parse(text))
    assert converted.net.inputs == (NetInput("x", (1, 2), "float32"),)
    assert layer_types(converted) == ["Abs"]


CONV = "float[1,2,8,8] x, float[3,2,3,3] w"
REFUSALS = [
    ("float[2,3] x", "y = Erf(x)", "Erf 'y': TNN has it on the host only, not on ARM; use it in a"),
    ("float[2,3] x", "y = Mish(x)", "Mish 'y': there is no conversion for it; write it with"),
    ("float[2,3] x", "y = com.microsoft.Gelu(x)", "domain 'com.microsoft', not of the standard"),
    ("double[2,3] x", "y = Abs(x)", "Abs 'y': its input 'x' is double, TNN takes float32; convert"),
    (
        "int32[2,3] x",
        "n = Neg(x) y = Cast <to=1> (n)",
        "its input 'x' is int32, TNN takes float32",
    ),
    ("float[1,2,8,8] x, float[3,2,3,3] xw", "y = Conv(x, xw)", "its weight 'xw' is computed"),
    (CONV, "y = Conv <dilations=[1,2]> (x, w)", r"its dilations are \[1, 2\]"),
    ("float[1,2,8] x, float[3,2,3] w", "y = Conv(x, w)", r"the shape \(1, 2, 8\), TNN takes 4-D"),
    (
        "float[1,2,4,4] x, float[2,3,2,2] w",
        "y = ConvTranspose <strides=[2,2], output_padding=[1,1]> (x, w)",
        "TNN has no output_padding",
    ),
    (
        "float[1,2,4,4] x, float[2,3,3,3] w",
        "y = ConvTranspose <pads=[0,0,1,1]> (x, w)",
        "differ from end to end",
    ),
    (
        "float[1,2,8,8] x",
        "y = MaxPool <kernel_shape=[2,2], dilations=[2,2]> (x)",
        r"its dilations are \[2, 2\]",
    ),
    (
        "float[1,2,8,8] x",
        "y = AveragePool <kernel_shape=[2,2], dilations=[2,2], pads=[0,0,1,1]> (x)",
        r"its dilations are \[2, 2\]",
    ),
    (
        "float[1,2,8,8] x",
        "y, i = MaxPool <kernel_shape=[2,2]> (x) j = Cast <to=1> (i) z = Abs(j)",
        "MaxPool 'y': not only its first result is used",
    ),
    (
        "float[1,2,5,5] x",
        "y = AveragePool <kernel_shape=[2,2], strides=[2,2], pads=[1,1,0,0], ceil_mode=1> (x)",
        r"its pads \[1, 1, 0, 0\] differ",
    ),
    ("float[1,2,8,8] x", 's = Constant <value = float[4] {1,1,2,2}> () y = Resize <mode="cubic"> '
     "(x, , s)", "TNN has no such rule: cubic, half_pixel"),
    ("float[1,2,8,8] x", "s = Constant <value = float[4] {1,1,0.3,0.3}> () y = Resize (x, , s)",
     "TNN takes other samples than nearest, half_pixel, round_prefer_floor"),
    ("float[1,2,8,8] x", 's = Constant <value = float[4] {1,1,0.5,0.5}> () y = Resize <mode='
     '"linear", antialias=1> (x, , s)', "antialias=1, TNN has none"),
    ("float[1,2,8,8] x", 's = Constant <value = float[4] {1,2,1,1}> () y = Resize <mode="linear"> '
     "(x, , s)", "it resizes batch or channels"),
    ("float[2,3] x", "y = Pow(x, x)", "its exponent 'x' is computed"),
    ("float[2,3] xa, int64[1] xb", "y = Gather(xa, xb)", "both operands are computed"),
    ("float[2,3] x, float[2,3] s", "y = PRelu(x, s)", r"its slope has the shape \(2, 3\)"),
    ("float[1,2,4,4] x", 'p = Constant <value = int64[8] {0,0,1,1,0,0,1,1}> () y = Pad '
     '<mode="edge"> (x, p)', "mode='edge'"),
    ("float[1,2,4,4] x", "p = Constant <value = int64[8] {0,0,-1,0,0,0,0,0}> () y = Pad (x, p)",
     "cuts nothing"),
    ("float[2,6] x", "s = Constant <value = int64[1] {5}> () e = Constant <value = int64[1] {0}> ()"
     " a = Constant <value = int64[1] {1}> () t = Constant <value = int64[1] {-1}> () "
     "y = Slice(x, s, e, a, t)", r"its steps are \[-1\], TNN goes forward"),
    ("float[2,3] x", "y = Cast <to=11> (x)", "TNN casts to float32 and int32"),
    ("float[1,2,4,4] x, float[2] s", "y, m, n = BatchNormalization <training_mode=1> "
     "(x, s, s, s, s)", "it computes statistics"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "body", "message"), REFUSALS)
def test_what_tnn_lacks_is_one_line(given: str, body: str, message: str):
    result = "float[] z" if " z = " in body else "float[] y"
    result = result.replace("float", "double" if "double" in given or "to=11" in body else "float")
    model = parse(f"g ({given}) => ({result}) {{ {body} }}", 19)
    with pytest.raises(UnsupportedOpError, match=message) as caught:
        convert(model)
    assert "\n" not in str(caught.value)


def test_all_refused_nodes_are_counted():
    text = (
        "g (float[1,2,4] x, float[3,2,3] w) => (float[] y) "
        "{ a = Mish(x) b = Erf(a) c = Erf(b) d = Conv(c, w) y = Abs(d) }"
    )
    with pytest.raises(UnsupportedOpError) as caught:
        convert(parse(text))
    assert str(caught.value) == (
        "TNN can't run Mish 'a': there is no conversion for it; write it with operators of "
        "docs/tnn-operators.md (and 3 more: 1 Conv, 2 Erf)"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("g (float[2] x, float[2] xb) => (float[] y) { y = Abs(x) }", "nothing depends on .* xb"),
        ("g (float[2] x) => (float[] y, float[] z) <float w = {1}> { y = Abs(x) z = Abs(w) }",
         "the output z does not depend on any input"),
        ("g (float[2] x) => (float[] y) { y = ReduceSum <keepdims=0> (x) }", r"the shape \(\)"),
        ("g (float[4] x) => (int64[] y) { y = NonZero(x) }", "NonZero 'y': the shape of"),
        ("g (float[2] x) => (float[] y) { y = Conv(x) }", "the model"),
    ],
)  # fmt: skip
def test_graphs_that_tnn_can_not_hold(text: str, message: str):
    with pytest.raises(ConversionError, match=message) as caught:
        convert(parse(text))
    assert "\n" not in str(caught.value)


def test_one_handler_an_operator():
    with pytest.raises(ValueError, match="the operator Conv has a handler already"):
        handles("Conv", "Convolution")(OPS["Relu"].handler)


@pytest.mark.parametrize("opset", [18, 19, 20, 21, 22, 23])
def test_operator_sets(opset: int, tmp_path: Path):
    text = (
        "g (float[1,2,8,8] x, float[3,2,3,3] w, float[3] s) => (float[] y) "
        "<int64[2] a = {2,3}, float[4] up = {1,1,2,2}> { c = Conv(x, w) r = Relu(c) "
        'u = Resize <mode="linear"> (r, , up) m = ReduceMean(u, a) p = MaxPool '
        "<kernel_shape=[2,2]> (u) y = Mul(p, m) }"
    )
    wanted = ["Convolution", "Upsample", "ReduceMean", "Pooling", "Mul"]
    assert layer_types(check_agrees(parse(text, opset), tmp_path)) == wanted

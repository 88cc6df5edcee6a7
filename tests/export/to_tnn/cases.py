"""One small graph and more for every operator that is converted, as data.

Inputs that don't start with x are constants.
"""

import re
from dataclasses import dataclass

from export.to_tnn.ops.unary import PLAIN


@dataclass(frozen=True)
class Case:
    op: str
    label: str
    text: str
    layers: str  # the types of TNN's layers, in order
    opset: int = 18
    low: float = -2  # inputs are drawn from here to 2


def names(results: str) -> str:
    """Without their types."""
    return re.sub(r"\w+\[\] ", "", results)


def unary(op: str, layer: str) -> Case:
    """Of numbers for which it has a value."""
    low = {"Log": 0.1, "Sqrt": 0.1, "Reciprocal": 0.5}.get(op, -2)
    if op not in ("Asin", "Acos", "Tan"):
        text = f"g (float[2,5,3,7] x) => (float[] y) {{ y = {op}(x) }}"
        return Case(op, "plain", text, layer, low=low)
    text = f"<float f = {{0.45}}> {{ small = Mul(x, f) y = {op}(small) }}"
    return Case(op, "plain", f"g (float[2,5,3,7] x) => (float[] y) {text}", f"Mul {layer}")


def binary(op: str, layer: str) -> list[Case]:
    """Two blobs, a constant on either side, one number, and other numbers of axes."""
    return [
        Case(op, label, f"g ({given}) => (float[] y) {{ y = {op}({operands}) }}", layers, low=0.2)
        for label, given, operands, layers in (
            ("blobs", "float[2,5,3,4] xa, float[2,5,3,4] xb", "xa, xb", layer),
            ("channels", "float[1,5,3,4] xa, float[1,5,1,1] xb", "xa, xb", layer),
            ("both_wide", "float[1,5,3,1] xa, float[1,5,1,4] xb", "xa, xb", layer),
            ("ranks", "float[2,3,4] xa, float[4] xb", "xa, xb", layer),
            ("constant_right", "float[2,5,3,4] x, float[5,1,1] w", "x, w", layer),
            ("constant_left", "float[2,5,3,4] x, float[1,5,1,1] w", "w, x", layer),
            ("number", "float[2,5,4] x, float w", "x, w", layer),
            ("five_axes", "float[1,2,3,2,4] x, float[3,1,1] w", "x, w", layer),
            ("wider_constant", "float[2,5,1] x, float[4] w", "x, w", f"Expand {layer}"),
            ("more_axes", "float[4] x, float[2,3,4] w", "x, w", f"Reshape Expand {layer}"),
        )
    ]


CONV = [
    Case("Conv", label, f"g (float[{x}] x, float[{w}] w, float[{b}] b) => (float[] y) "
         f"{{ y = Conv <{attributes}> (x, w, b) }}", layers)
    for label, x, w, b, attributes, layers in (
        ("plain", "1,3,9,7", "4,3,3,3", 4, "pads=[1,1,1,1]", "Convolution"),
        ("batch", "2,3,9,7", "4,3,1,1", 4, "kernel_shape=[1,1]", "Convolution"),
        ("strided", "1,3,9,7", "5,3,3,5", 5, "pads=[1,2,1,2], strides=[2,3]", "Convolution"),
        ("dilated", "1,2,11,9", "3,2,3,3", 3, "dilations=[2,2], pads=[2,0,2,0]", "Convolution"),
        ("depthwise", "1,6,8,8", "6,1,3,3", 6, "group=6, pads=[1,1,1,1]", "Convolution"),
        ("grouped", "1,6,8,8", "4,3,3,3", 4, "group=2", "Convolution"),
        ("uneven", "1,2,8,8", "3,2,3,3", 3, "pads=[0,1,2,0]", "Pad Convolution"),
        ("same_upper", "1,2,8,7", "3,2,3,3", 3, 'auto_pad="SAME_UPPER", strides=[2,2]',
         "Convolution"),
        ("same_by_hand", "1,2,8,8", "3,2,3,3", 3, "pads=[0,0,1,1], strides=[2,2]", "Convolution"),
        ("same_lower", "1,2,8,8", "3,2,3,3", 3, 'auto_pad="SAME_LOWER", strides=[2,2]',
         "Pad Convolution"),
        ("valid", "1,2,8,8", "3,2,3,3", 3, 'auto_pad="VALID"', "Convolution"),
    )
]  # fmt: skip
TRANSPOSED = [
    Case("ConvTranspose", label, f"g (float[{x}] x, float[{w}] w) => (float[] y) "
         f"{{ y = ConvTranspose <{attributes}> (x, w) }}", "Deconvolution")
    for label, x, w, attributes in (
        ("twice", "1,3,5,4", "3,4,2,2", "strides=[2,2]"),
        ("padded", "1,3,5,4", "3,2,3,3", "strides=[2,2], pads=[1,1,1,1]"),
        ("grouped", "2,4,5,4", "4,3,3,3", "group=2"),
        ("depthwise", "1,4,5,4", "4,1,4,4", "group=4, strides=[2,2], pads=[1,1,1,1]"),
    )
]  # fmt: skip
POOLS = [
    Case(op, label, f"g (float[{x}] x) => (float[] y) {{ y = {op} <{attributes}> (x) }}", layers)
    for op, label, x, attributes, layers in (
        ("MaxPool", "halves", "1,3,8,6", "kernel_shape=[2,2], strides=[2,2]", "Pooling"),
        ("MaxPool", "padded", "2,3,9,7", "kernel_shape=[3,3], strides=[2,2], pads=[1,1,1,1]",
         "Pooling"),
        ("MaxPool", "ceil", "1,3,9,7", "kernel_shape=[2,2], strides=[2,2], ceil_mode=1", "Pooling"),
        ("MaxPool", "uneven", "1,3,8,8", "kernel_shape=[3,3], strides=[2,2], pads=[0,0,1,1]",
         "Pad Pooling"),
        ("MaxPool", "same", "1,3,8,7", 'kernel_shape=[2,2], auto_pad="SAME_UPPER"', "Pad Pooling"),
        ("AveragePool", "halves", "1,3,8,6", "kernel_shape=[2,2], strides=[2,2]", "Pooling"),
        ("AveragePool", "not_counted", "1,3,9,7",
         "kernel_shape=[3,3], strides=[2,2], pads=[1,1,1,1]", "Pooling"),
        ("AveragePool", "counted", "1,3,9,7",
         "kernel_shape=[3,3], strides=[2,2], pads=[1,1,1,1], count_include_pad=1", "Pad Pooling"),
        ("AveragePool", "ceil", "1,3,10,7", "kernel_shape=[3,3], strides=[2,2], ceil_mode=1",
         "Pooling"),
        ("AveragePool", "counted_uneven", "1,3,9,7",
         "kernel_shape=[3,3], pads=[0,1,1,0], count_include_pad=1", "Pad Pooling"),
        ("AveragePool", "uneven", "2,3,9,7",
         "kernel_shape=[3,2], strides=[2,1], pads=[0,1,1,0]", "Pad Pooling Mul"),
        ("AveragePool", "same", "1,3,8,7",
         'kernel_shape=[3,3], strides=[2,2], auto_pad="SAME_UPPER"', "Pad Pooling Mul"),
    )
] + [
    Case(op, "all", f"g (float[2,3,5,4] x) => (float[] y) {{ y = {op}(x) }}", "Pooling")
    for op in ("GlobalAveragePool", "GlobalMaxPool")
]  # fmt: skip
RESIZES = [
    Case("Resize", label, f"g (float[{x}] x) => (float[] y) <{constant}> "
         f"{{ y = Resize <{attributes}> (x, , {operands}) }}", "Upsample")
    for label, x, constant, operands, attributes in (
        ("nearest", "1,3,4,5", "float[4] s = {1,1,2,2}", "s",
         'mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor"'),
        ("nearest_by_default", "2,3,4,5", "float[4] s = {1,1,3,2}", "s", 'mode="nearest"'),
        ("nearest_sizes", "1,3,4,6", "int64[4] s = {1,3,6,9}", ", s",
         'coordinate_transformation_mode="asymmetric", nearest_mode="floor"'),
        ("nearest_less", "1,3,8,6", "float[4] s = {1,1,0.5,0.5}", "s",
         'coordinate_transformation_mode="asymmetric", nearest_mode="floor"'),
        ("half_pixel", "1,3,4,5", "int64[4] s = {1,3,9,8}", ", s", 'mode="linear"'),
        ("half_pixel_less", "1,3,9,8", "int64[4] s = {1,3,4,5}", ", s", 'mode="linear"'),
        ("align_corners", "2,3,4,5", "int64[4] s = {2,3,9,8}", ", s",
         'mode="linear", coordinate_transformation_mode="align_corners"'),
        ("pytorch_half_pixel", "1,3,4,5", "int64[4] s = {1,3,9,8}", ", s",
         'mode="linear", coordinate_transformation_mode="pytorch_half_pixel"'),
        ("one_pixel", "1,3,1,1", "int64[4] s = {1,3,7,5}", ", s", 'mode="linear"'),
        ("one_row", "1,3,1,6", "int64[4] s = {1,3,1,9}", ", s", 'mode="linear"'),
        ("two_axes", "1,3,4,5", "int64[2] s = {8,15}", ", s", 'mode="linear", axes=[2,3]'),
    )
]  # fmt: skip
REDUCTIONS = [
    Case(op, label, f"g (float[2,5,3,4] x) => (float[] y) <{constant}> "
         f"{{ y = {op} <{attributes}> (x{operand}) }}", op, low=0.1)
    for op in ("ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1",
               "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare")
    for label, constant, operand, attributes in (
        ("spatial", "int64[2] a = {2,3}", ", a", "keepdims=1"),
        ("channels", "int64[1] a = {1}", ", a", "keepdims=0"),
        ("last", "int64[1] a = {-1}", ", a", "keepdims=1"),
        ("all", "int64[1] unused = {0}", "", "keepdims=1"),
    )
]  # fmt: skip
PRODUCTS = [
    Case("MatMul", label, f"g ({given}) => (float[] y) {{ y = MatMul({operands}) }}", layers)
    for label, given, operands, layers in (
        ("tokens", "float[1,6,4] x, float[4,5] w", "x, w", "MatMul"),
        ("constant_left", "float[2,4,6] x, float[5,4] w", "w, x", "MatMul"),
        ("blobs", "float[2,3,6,4] xa, float[2,3,4,5] xb", "xa, xb", "MatMul"),
        ("one_batch", "float[2,3,6,4] xa, float[4,5] xb", "xa, xb", "MatMul"),
        ("batches", "float[2,1,6,4] xa, float[1,3,4,5] xb", "xa, xb", "Expand Expand MatMul"),
        ("some_batches", "float[2,3,6,4] xa, float[1,3,4,5] xb", "xa, xb", "Expand MatMul"),
        ("row", "float[4] xa, float[2,4,5] xb", "xa, xb", "Reshape MatMul Reshape"),
        ("column", "float[2,5,4] x, float[4] w", "x, w", "MatMul Reshape"),
        ("five_axes", "float[1,2,2,3,4] xa, float[1,2,2,4,2] xb", "xa, xb", "MatMul"),
    )
] + [
    Case("Gemm", label, f"g ({given}) => (float[] y) {{ y = Gemm <{attributes}> ({operands}) }}",
         layers)
    for label, given, operands, attributes, layers in (
        ("linear", "float[3,4] x, float[5,4] w, float[5] b", "x, w, b", "transB=1",
         "InnerProduct"),
        ("scaled", "float[3,4] x, float[4,5] w, float[1,5] b", "x, w, b", "alpha=0.5, beta=2.0",
         "InnerProduct"),
        ("no_bias", "float[3,4] x, float[4,5] w", "x, w", "alpha=1.0", "InnerProduct"),
        ("turned", "float[4,3] x, float[4,5] w, float[5] b", "x, w, b", "transA=1, alpha=3.0",
         "Permute MatMul Mul Add"),
        ("blobs", "float[3,4] xa, float[5,4] xb, float[3,1] xc", "xa, xb, xc",
         "transB=1, beta=0.5", "Permute MatMul Mul Add"),
    )
]  # fmt: skip
NORMS = [
    Case(op, label, f"g ({given}) => (float[] y) {{ y = {op} <{attributes}> ({operands}) }}",
         layers, opset, low)
    for op, label, given, operands, attributes, layers, opset, low in (
        ("BatchNormalization", "alone",
         "float[2,3,4,5] x, float[3] s, float[3] b, float[3] m, float[3] v", "x, s, b, m, v",
         "epsilon=0.001", "BatchNormCxx", 18, 0.1),
        ("InstanceNormalization", "plain", "float[2,3,4,5] x, float[3] s, float[3] b", "x, s, b",
         "epsilon=0.00001", "InstBatchNormCxx", 18, -2),
        ("InstanceNormalization", "epsilon", "float[2,3,4,5] x, float[3] s, float[3] b", "x, s, b",
         "epsilon=0.01", "GroupNorm", 18, -2),
        ("GroupNormalization", "channels", "float[2,6,4,5] x, float[6] s, float[6] b", "x, s, b",
         "num_groups=2", "GroupNorm", 21, -2),
        ("LayerNormalization", "tokens", "float[1,6,8] x, float[8] s, float[8] b", "x, s, b",
         "epsilon=0.001", "LayerNorm", 18, -2),
        ("LayerNormalization", "three_axes", "float[2,3,4,5] x, float[3,4,5] s", "x, s",
         "axis=1", "LayerNorm", 18, -2),
        ("Softmax", "last", "float[2,3,4] x", "x", "axis=-1", "SoftmaxCaffe", 18, -2),
        ("Softmax", "channels", "float[2,3,4,5] x", "x", "axis=1", "SoftmaxCaffe", 18, -2),
        ("Softmax", "axis_0", "float[3,4,5] x", "x", "axis=0", "Permute SoftmaxCaffe Permute",
         18, -2),
        ("Softmax", "vector", "float[5] x", "x", "axis=0", "Reshape SoftmaxCaffe Reshape", 18, -2),
        ("Softmax", "opset_11", "float[2,3,4] x", "x", "axis=1",
         "Reshape SoftmaxCaffe Reshape", 11, -2),
    )
]  # fmt: skip
SHAPES = [
    Case(op, label, f"g (float[{x}] x) => ({results}) <{constant}> "
         f"{{ {names(results)} = {op} <{attributes}> (x{operands}) }}", layers)
    for op, label, x, constant, operands, attributes, layers, results in (
        ("Reshape", "infers", "2,3,4", "int64[3] s = {0,-1,2}", ", s", "allowzero=0", "Reshape",
         "float[] y"),
        ("Reshape", "five_axes", "1,4,6,5", "int64[5] s = {1,2,2,6,5}", ", s", "allowzero=0",
         "Reshape", "float[] y"),
        ("Flatten", "plain", "2,3,4", "float u = {0}", "", "axis=1", "Reshape", "float[] y"),
        ("Transpose", "tokens", "2,3,4", "float u = {0}", "", "perm=[0,2,1]", "Permute",
         "float[] y"),
        ("Transpose", "reverses", "2,3,4,5", "float u = {0}", "", "", "Permute", "float[] y"),
        ("Squeeze", "axes", "1,3,1,4", "int64[2] a = {-2,0}", ", a", "", "Squeeze", "float[] y"),
        ("Squeeze", "all", "1,3,1,4", "float u = {0}", "", "", "Squeeze", "float[] y"),
        ("Unsqueeze", "axes", "3,4", "int64[2] a = {-1,0}", ", a", "", "Unsqueeze", "float[] y"),
        ("Expand", "wider", "1,3,1", "int64[3] s = {2,1,4}", ", s", "", "Expand", "float[] y"),
        ("Expand", "more_axes", "3,1", "int64[3] s = {2,3,4}", ", s", "", "Expand", "float[] y"),
        ("Tile", "repeats", "2,3,4", "int64[3] r = {1,2,3}", ", r", "", "Tile", "float[] y"),
        ("DepthToSpace", "crd", "2,8,3,4", "float u = {0}", "", 'blocksize=2, mode="CRD"',
         "PixelShuffle", "float[] y"),
        ("DepthToSpace", "dcr", "2,12,3,4", "float u = {0}", "", "blocksize=2",
         "Reshape Permute Reshape PixelShuffle", "float[] y"),
        ("Slice", "channels", "2,8,3,4", "int64[1] s = {2}, int64[1] e = {7}, int64[1] a = {1}",
         ", s, e, a", "", "StridedSliceV2", "float[] y"),
        ("Slice", "steps", "2,8,9,7",
         "int64[2] s = {-8,0}, int64[2] e = {9223372036854775807,-1}, int64[2] a = {2,-1}, "
         "int64[2] t = {2,3}", ", s, e, a, t", "", "StridedSliceV2", "float[] y"),
        ("Split", "sizes", "2,7,3", "int64[3] s = {1,4,2}", ", s", "axis=1", "SplitV",
         "float[] y, float[] z, float[] u"),
        ("Split", "equal", "2,3,8", "float v = {0}", "", "axis=-1, num_outputs=2", "SplitV",
         "float[] y, float[] z"),
        ("Gather", "list", "2,6,3", "int64[3] i = {5,0,-2}", ", i", "axis=1", "Gather",
         "float[] y"),
        ("Gather", "one", "2,6,3", "int64 i = {4}", ", i", "axis=1", "Gather", "float[] y"),
        ("ArgMax", "channels", "2,6,3,4", "float u = {0}", "", "axis=1, keepdims=0", "ArgMaxOrMin",
         "int64[] y"),
        ("ArgMin", "last", "2,6,3", "float u = {0}", "", "axis=-1", "ArgMaxOrMin", "int64[] y"),
        ("Pad", "picture", "1,3,4,5", "int64[8] p = {0,0,1,2,0,0,3,0}, float v = {1.5}", ", p, v",
         "", "Pad", "float[] y"),
        ("Pad", "channels", "1,3,4,5", "int64[8] p = {0,1,0,0,0,2,0,0}", ", p", "", "Pad",
         "float[] y"),
        ("Pad", "reflect", "1,3,4,5", "int64[8] p = {0,0,1,2,0,0,2,3}", ", p", 'mode="reflect"',
         "Pad", "float[] y"),
        ("Pad", "tokens", "2,3,4", "int64[6] p = {0,1,2,0,0,1}", ", p", "", "PadV2", "float[] y"),
        ("Pad", "some_axes", "1,3,4,5",
         "int64[4] p = {1,2,0,3}, int64[2] a = {-1,-2}, float v = {0.5}", ", p, v, a", "", "Pad",
         "float[] y"),
    )
]  # fmt: skip
GATES = [
    Case(op, label, f"g (float[2,3,4,5] x) => (float[] y) <float zero = {{0}}, float six = {{6}}> "
         f"{{ y = {op} <{attributes}> (x{operands}) }}", layer, opset)
    for op, label, operands, attributes, layer, opset in (
        ("Gelu", "exact", "", 'approximate="none"', "GELU", 20),
        ("HardSigmoid", "defaults", "", "", "HardSigmoid", 18),
        ("HardSigmoid", "sixth", "", "alpha=0.16666667", "HardSigmoid", 18),
        ("HardSwish", "plain", "", "", "HardSwish", 18),
        ("Elu", "alpha", "", "alpha=0.7", "Elu", 18),
        ("Selu", "defaults", "", "", "Selu", 18),
        ("LeakyRelu", "alpha", "", "alpha=0.3", "PReLU", 18),
        ("Clip", "relu6", ", zero, six", "", "ReLU6", 18),
        ("Clip", "low", ", zero", "", "Clip", 18),
        ("Clip", "high", ", , six", "", "Clip", 18),
    )
]  # fmt: skip
OTHERS = [
    Case("Swish", "opset_24", "g (float[2,3,4,5] x) => (float[] y) { y = Swish(x) }", "Swish", 24),
    Case("PRelu", "channels", "g (float[2,3,4,5] x, float[3,1,1] s) => (float[] y) "
         "{ y = PRelu(x, s) }", "PReLU"),
    Case("PRelu", "shared", "g (float[2,3,4,5] x, float[1] s) => (float[] y) { y = PRelu(x, s) }",
         "PReLU"),
    Case("Pow", "square", "g (float[2,3,4,5] x) => (float[] y) <float two = {2}> "
         "{ y = Pow(x, two) }", "Power"),
    Case("Pow", "root", "g (float[2,3,4,5] x) => (float[] y) <float half = {0.5}> "
         "{ y = Pow(x, half) }", "Power", low=0.1),
    Case("Pow", "inverse", "g (float[2,3,4,5] x) => (float[] y) <float minus = {-2}> "
         "{ y = Pow(x, minus) }", "Power", low=0.5),
    Case("Pow", "more_axes", "g (float[4] x) => (float[] y) <float[1,1] three = {3}> "
         "{ y = Pow(x, three) }", "Reshape Power"),
    Case("Concat", "channels", "g (float[1,3,4,5] xa, float[1,2,4,5] xb) => (float[] y) "
         "{ y = Concat <axis=1> (xa, xb) }", "Concat"),
    Case("Concat", "constant", "g (float[1,3,4] x, float[1,2,4] w) => (float[] y) "
         "{ y = Concat <axis=-2> (w, x) }", "Concat"),
    Case("Split", "unused", "g (float[2,7,3] x) => (float[] y) <int64[3] s = {1,4,2}> "
         "{ a, y, c = Split <axis=1> (x, s) }", "SplitV"),
    Case("Identity", "input_to_output", "g (float[2,3] x) => (float[] y, float[] z) "
         "{ y = Identity(x) z = Relu(x) }", "Reshape ReLU"),
    Case("Cast", "integers", "g (int32[2,3] x) => (float[] y) { y = Cast <to=1> (x) }", "Cast"),
    Case("Cast", "to_integers", "g (float[2,3] x) => (int64[] y) { y = Cast <to=7> (x) }", "Cast"),
    Case("Cast", "bytes", "g (uint8[1,4,5,3] x) => (float[] y) { f = Cast <to=1> (x) "
         "y = Transpose <perm=[0,3,1,2]> (f) }", "Permute"),
    Case("Gather", "table", "g (int64[4] x, float[6,3] w) => (float[] y) { y = Gather(w, x) }",
         "Gather"),
]  # fmt: skip

CASES: list[Case] = [
    *(unary(op, layer) for op, layer in PLAIN.items()),
    *(case for op in ("Add", "Sub", "Mul", "Div") for case in binary(op, op)),
    *binary("Max", "Maximum"),
    *binary("Min", "Minimum"),
    *CONV, *TRANSPOSED, *POOLS, *RESIZES, *REDUCTIONS, *PRODUCTS, *NORMS, *SHAPES, *GATES, *OTHERS,
]  # fmt: skip

"""ONNX models of a few layers, as users would bring them."""

from pathlib import Path

import numpy as np
import onnx

HEADER = '<ir_version: 10, opset_import: ["" : 18]> '
WEIGHTS = ",".join(f"{w:.4f}" for w in np.random.default_rng(0).standard_normal(4 * 3 * 3 * 3))
CONVOLUTION = f"<float[4,3,3,3] weight = {{{WEIGHTS}}}>"

TWO_INPUTS = f"""two (float[1,3,8,8] image, float[1,3,1,1] scale)
    => (float[1,4,6,6] y, float[1,4,6,6] z) {CONVOLUTION}
    {{ a = Mul(image, scale)  y = Conv(a, weight)  z = Sigmoid(y) }}"""
FREE = f"free (float[n,3,h,w] image) => (float y) {CONVOLUTION} {{ y = Conv(image, weight) }}"
UNKNOWN = "unknown (float[1,3,8,8] image) => (bool[1,3,8,8] y) { a = Neg(image)  y = IsNaN(a) }"
UINT8 = "pixels (uint8[1,3,8,8] image) => (float[1,3,8,8] y) { y = Cast<to=1>(image) }"


def write_model(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    onnx.save(onnx.parser.parse_model(HEADER + text), path)
    return path

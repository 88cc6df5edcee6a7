"""Small graphs, written as ONNX text."""

import onnx.parser

from mobileinst_deploy.estimate.onnx_graph import OnnxGraph, graph_of
from mobileinst_deploy.estimate.roofline import Convolution, GraphBound, bound_graph
from tests.mobileinst_deploy.estimate.machines import machine

HEADER = '<ir_version: 10, opset_import: ["" : 18]>'


def graph(text: str) -> OnnxGraph:
    return graph_of(onnx.parser.parse_model(f"{HEADER} {text}"))


def convolution(
    shape: str,
    weight: str,
    made: str,
    attributes: str = "pads = [1, 1, 1, 1]",
    then: str = "y = Identity(c)",
) -> str:
    """Of an input x with a constant weight; `then` makes y of it."""
    sides = [int(side) for side in weight.split(",")]
    return f"""g (float[{shape}] x) => (float[{made}] y)
        <float[{weight}] w = {{{", ".join(["0.5"] * _product(sides))}}}>
        {{ c = Conv<{attributes}>(x, w)  {then} }}"""


def _product(sides: list[int]) -> int:
    size = 1
    for side in sides:
        size *= side
    return size


def bound(text: str, how: Convolution = "direct", precision: str = "fp32") -> GraphBound:
    return bound_graph(graph(text), machine(precision), how)

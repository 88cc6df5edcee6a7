"""Counts by hand, and fvcore's of a whole network."""

from pathlib import Path

import pytest
import torch
from fvcore.nn import FlopCountAnalysis

from export.manifest import open_bundle
from mobileinst_deploy.estimate.counting import count_macs, count_others, is_counted
from mobileinst_deploy.estimate.layers import layers_of
from mobileinst_deploy.estimate.onnx_graph import read_graph
from models import zoo
from models.complexity import Decoders, quiet_tracer
from tests.mobileinst_deploy.estimate.graphs import convolution, graph

CASES = {
    "3x3": (convolution("1,2,6,8", "4,2,3,3", "1,4,6,8"), 4 * 6 * 8 * 2 * 9, 0),
    "stride 2": (
        convolution("1,2,6,8", "4,2,3,3", "1,4,3,4", "pads = [1,1,1,1], strides = [2,2]"),
        4 * 3 * 4 * 2 * 9,
        0,
    ),
    "depth-wise": (
        convolution("1,4,6,8", "4,1,3,3", "1,4,6,8", "pads = [1,1,1,1], group = 4"),
        4 * 6 * 8 * 9,
        0,
    ),
    "relu": (
        convolution("1,2,6,8", "4,2,1,1", "1,4,6,8", "strides = [1,1]", "y = Relu(c)"),
        4 * 6 * 8 * 2,
        4 * 6 * 8,
    ),
    "matrix product": (
        "g (float[2,3,5] a, float[2,5,7] b) => (float[2,3,7] y) { y = MatMul(a, b) }",
        2 * 3 * 7 * 5,
        0,
    ),
    "gemm": (
        "g (float[5,3] a, float[5,7] b) => (float[3,7] y) { y = Gemm<transA = 1>(a, b) }",
        3 * 7 * 5,
        0,
    ),
    "pooling": (
        """g (float[1,2,4,4] x) => (float[1,2,2,2] y)
        { y = MaxPool<kernel_shape = [2,2], strides = [2,2]>(x) }""",
        0,
        2 * 2 * 2 * 4,
    ),
    "softmax": ("g (float[2,3] x) => (float[2,3] y) { y = Softmax(x) }", 0, 2 * 6),
    "product": ("g (float[2,3] x) => (float[2,3] y) { y = Mul(x, x) }", 0, 6),
    "constant factor": (
        "g (float[2] x) => (float[2] y) <float[2] w = {1.0, 2.0}> { y = Mul(x, w) }",
        0,
        0,
    ),
    "unknown": ("g (float[2,3] x) => (float[2,3] y) { y = Floor(x) }", 0, 0),
}


@pytest.mark.parametrize(("text", "macs", "others"), CASES.values(), ids=CASES)
def test_by_hand(text, macs, others):
    operations = graph(text).operations
    assert sum(map(count_macs, operations)) == macs
    assert sum(map(count_others, operations)) == others


def test_what_is_not_counted_is_known():
    (floor,) = graph(CASES["unknown"][0]).operations
    assert not is_counted(floor)


def test_macs_of_the_whole_network_are_fvcores(small_bundle: Path):
    """But for two things that the exporter does and the network does not.

    It computes the first stage's queries ahead, since no image changes them; and pools of uneven
    windows, which this size has, become matrix products.
    """
    bundle = open_bundle(small_bundle)
    _, _, height, width = bundle.manifest.graphs["keyframe"].inputs[0].shape
    config = zoo.find(bundle.manifest.model.name)
    counted = fvcore_counts(zoo.build(config).eval(), height, width)
    products = counted["conv"] + counted["linear"] + counted["matmul"]
    ahead = config.num_queries * config.dim**2
    read = read_graph(small_bundle / "keyframe_literal.onnx")
    in_pools = [one for one in read.operations if one.name.startswith("backbone.pool/")]
    macs = sum(map(count_macs, read.operations)) - sum(map(count_macs, in_pools))
    assert macs == products - ahead
    others = {"batch_norm", "layer_norm", "upsample_bilinear2d", "upsample_nearest2d"}
    assert counted.keys() - {"conv", "linear", "matmul", "adaptive_avg_pool2d"} == others


def fvcore_counts(network, height: int, width: int) -> dict[str, int]:
    image = torch.zeros(1, 3, height, width)
    with quiet_tracer(), torch.inference_mode():
        parts = (
            FlopCountAnalysis(network.backbone, image).by_operator(),
            FlopCountAnalysis(Decoders(network), tuple(network.backbone(image))).by_operator(),
        )
    return {name: int(sum(part[name] for part in parts)) for name in parts[0] | parts[1]}


@pytest.mark.parametrize("name", ["keyframe", "reuse_plain", "reuse_folded", "fold"])
def test_layers_hold_every_operation_but_views_once(small_bundle: Path, name: str):
    read = read_graph(small_bundle / f"{name}.onnx")
    in_layers = [one.name for layer in layers_of(read) for one in layer.operations]
    assert len(in_layers) == len(set(in_layers))
    left = {one.type for one in read.operations if one.name not in in_layers}
    assert left <= {"Concat", "Pad", "Reshape", "Slice", "Transpose", "Unsqueeze"}
    assert all(is_counted(one) for layer in layers_of(read) for one in layer.operations)

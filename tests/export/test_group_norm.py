"""PyTorch's group norm comes out as each runtime's own layer, and computes the same."""

from pathlib import Path

import pytest
import torch
from torch import nn

from export.graphs import Graph
from export.manifest import TensorSpec
from export.ncnn_param import parse_param
from export.ncnn_probe import probe
from export.onnx_tensors import onnx_session, run_onnx
from export.to_ncnn import to_ncnn
from export.to_onnx import to_onnx
from export.to_tnn.convert import convert
from tests.export.agreement import FLOAT32, relative
from tests.export.networks import images
from tests.export.to_tnn.graphs import layer_types, run_tnn

SIZE = (96, 160)
CHANNELS = 64


def tower(affine: bool) -> nn.Sequential:
    """A tower of FCOS's kind, short, with factors and terms as after training."""
    torch.manual_seed(0)
    layers = nn.Sequential(
        nn.Conv2d(3, CHANNELS, 3, stride=4, padding=1),
        nn.GroupNorm(32, CHANNELS, affine=affine),
        nn.ReLU(),
        nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1),
        nn.GroupNorm(32, CHANNELS, eps=1e-3, affine=affine),
    )
    for parameter in layers.parameters():
        parameter.data += 0.2 * torch.randn(parameter.shape)
    return layers.eval()


@pytest.mark.parametrize("affine", [True, False])
def test_group_norm_in_every_format(affine: bool, tmp_path: Path):
    with torch.random.fork_rng():
        module, image = tower(affine), images(SIZE)[:1]
    with torch.inference_mode():
        wanted = module(image)
    given, result = ("image", (1, 3, *SIZE)), ("y", tuple(wanted.shape))
    specs = [TensorSpec(name, shape, "float32", "") for name, shape in (given, result)]
    feed = {"image": image.numpy()}
    model = to_onnx(Graph("tower", "", module, (specs[0],), (specs[1],)))

    def check(array) -> None:
        assert relative(torch.from_numpy(array).reshape(wanted.shape), wanted) <= FLOAT32

    check(run_onnx(onnx_session(model.SerializeToString()), feed)["y"])

    files = to_ncnn(model, feed)
    assert [layer.type for layer in parse_param(files.param)].count("GroupNorm") == 2
    check(probe(files.param, files.weights, {files.names["image"]: image[0].numpy()})["out0"])

    converted = convert(model)
    types = ["Convolution", "GroupNorm", "ReLU", "Convolution", "GroupNorm"]
    assert layer_types(converted) == types
    check(run_tnn(converted, feed, tmp_path)["y"])

"""CondInst's graph `masks` computes in every format what it does in PyTorch, on a real frame."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from export.graphs import Graph
from export.manifest import TensorSpec
from export.ncnn_probe import probe
from export.onnx_tensors import onnx_session, run_onnx
from export.to_ncnn import to_ncnn
from export.to_onnx import to_onnx
from export.to_tnn.convert import convert
from models.peers.condinst import CondInstConfig, build_condinst
from tests.export.agreement import FLOAT32, relative
from tests.export.networks import images
from tests.export.to_tnn.graphs import run_tnn

SIZE = (96, 160)


@pytest.mark.parametrize("n", [1, 10])
def test_masks_in_every_format(n: int, tmp_path: Path):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = build_condinst(CondInstConfig("resnet18", 5, dim=32, mask_dim=32)).train()
    assert network.mask_head is not None
    image = images(SIZE)[:1]
    with torch.inference_mode():  # in training mode, for batch norm statistics of the frame
        inputs = network.select(network(image), n)
        wanted = network.mask_head(**inputs)
    outputs = (spec("mask_logits", wanted),)
    specs = tuple(spec(name, value) for name, value in inputs.items())
    model = to_onnx(Graph("masks", "", network.mask_head, specs, outputs))
    feed = {name: value.numpy() for name, value in inputs.items()}

    def check(array) -> None:
        assert relative(torch.from_numpy(array).reshape(wanted.shape), wanted) <= FLOAT32

    check(run_onnx(onnx_session(model.SerializeToString()), feed)["mask_logits"])
    files = to_ncnn(model, feed)
    blobs = {files.names[name]: array[0] for name, array in feed.items()}
    check(probe(files.param, files.weights, blobs)[files.names["mask_logits"]])
    check(run_tnn(convert(model), feed, tmp_path)["mask_logits"])


def spec(name: str, value: Tensor) -> TensorSpec:
    return TensorSpec(name, tuple(value.shape), "float32", "")

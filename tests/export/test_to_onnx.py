"""What is written as ONNX computes what the module computes, and says nothing but the graph."""

import copy
import functools
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch
from google.protobuf.message import Message
from torch import Tensor, nn

from export.errors import ConversionError
from export.golden_io import golden_inputs
from export.graphs import (
    FOLD,
    KEYFRAME,
    KEYFRAME_LITERAL,
    REUSE_FOLDED,
    REUSE_PLAIN,
    Graph,
    GraphOptions,
    build_graphs,
)
from export.manifest import TensorSpec, open_bundle
from export.rewrites.baked_preprocessing import BakedPreprocessing
from export.sides import concrete_shape
from export.to_onnx import DEFAULT_OPSET, to_onnx
from mobileinst_deploy.parity.bisect import record
from mobileinst_deploy.reference import open_network, rebuild_graphs
from models.mobileinst.instance_decoder import LocalPool
from models.preprocessing import Preprocessing
from models.zoo import MobileInstConfig
from tests.export.agreement import FLOAT32, relative
from tests.export.networks import (
    FPN,
    SEA,
    SPARSEINST,
    TINY,
    Size,
    calibrated,
    images,
    pictures,
    predicted,
)

SIZE = (64, 96)
ODD = (96, 160)  # 3×5 at stride 32
GRAPHS = (KEYFRAME, KEYFRAME_LITERAL, FOLD, REUSE_FOLDED, REUSE_PLAIN)
TAKE_KERNELS = (FOLD, REUSE_FOLDED, REUSE_PLAIN)

Arrays = dict[str, np.ndarray]


@functools.cache
def graphs(config: MobileInstConfig, size: Size, kernels: int | None) -> dict[str, Graph]:
    options = GraphOptions(Preprocessing(*size), kernels, literal=True)
    return build_graphs(calibrated(config, size), options)


@functools.cache
def export_once(
    name: str, config: MobileInstConfig, size: Size, kernels: int | None
) -> onnx.ModelProto:
    return to_onnx(graphs(config, size, kernels)[name])


@dataclass(frozen=True)
class Shipped:
    """A graph of a bundle: its module, its file, and the golden inputs of the second frame."""

    graph: Graph
    model: onnx.ModelProto
    inputs: Arrays


@pytest.fixture(scope="module", params=GRAPHS)
def shipped(request, small_bundle: Path) -> Shipped:
    bundle = open_bundle(small_bundle)
    graph = rebuild_graphs(bundle, open_network(bundle))[request.param]
    model = onnx.load(small_bundle / f"{graph.name}.onnx")
    return Shipped(graph, model, golden_inputs(bundle, graph.name, 1))


def inputs_of(graph: Graph, config: MobileInstConfig, size: Size, n: int) -> Arrays:
    """The second frame, and the first one's n best kernels or what the fold makes of them."""
    given = {"image": images(size)[1:2], "kernels": predicted(config, size).kernels[:1, :n]}
    if graph.name == REUSE_FOLDED:
        fold = graphs(config, size, None)[FOLD]
        names = [spec.name for spec in fold.outputs]
        given |= dict(zip(names, fold.module(given["kernels"]), strict=True))
    return {spec.name: given[spec.name].numpy() for spec in graph.inputs}


def run_onnx(model: onnx.ModelProto, inputs: Arrays) -> Arrays:
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, inputs), strict=True))


def run_module(graph: Graph, inputs: Arrays) -> dict[str, Tensor]:
    with torch.inference_mode():
        got = graph.module(*(torch.from_numpy(array) for array in inputs.values()))
    values = (got,) if isinstance(got, Tensor) else got
    return {spec.name: value for spec, value in zip(graph.outputs, values, strict=True)}


def check_equal(model: onnx.ModelProto, graph: Graph, inputs: Arrays) -> None:
    got, wanted = run_onnx(model, inputs), run_module(graph, inputs)
    assert list(got) == list(wanted)
    for name, value in wanted.items():
        assert relative(torch.from_numpy(got[name]), value) <= FLOAT32, name


def check_exported(name: str, config: MobileInstConfig, size: Size, kernels: int | None, n: int):
    graph = graphs(config, size, kernels)[name]
    model = export_once(name, config, size, kernels)
    check_equal(model, graph, inputs_of(graph, config, size, n))


def test_a_bundles_graphs(shipped: Shipped):
    check_equal(shipped.model, shipped.graph, shipped.inputs)


@pytest.mark.parametrize("name", [FOLD, REUSE_FOLDED])
def test_one_kernel(name: str):
    check_exported(name, TINY, SIZE, 1, 1)


@pytest.mark.parametrize("n", [1, 10, 32, 100])
@pytest.mark.parametrize("name", TAKE_KERNELS)
def test_any_number_of_kernels(name: str, n: int):
    check_exported(name, TINY, SIZE, None, n)


@pytest.mark.parametrize(
    ("name", "config"),
    [
        (KEYFRAME, SEA),
        (REUSE_FOLDED, SPARSEINST),
        (FOLD, FPN),
    ],
    ids=["seaformer", "sparseinst", "fpn"],
)
def test_other_networks_on_odd_grids(name: str, config: MobileInstConfig):
    check_exported(name, config, ODD, 10, 10)


def check_module(module: nn.Module, x: Tensor, shape: tuple[int, ...]) -> None:
    """A graph of one module, from x to a float32 tensor of that shape."""
    given = TensorSpec("x", tuple(x.shape), str(x.dtype).removeprefix("torch."), "")
    graph = Graph("made_up", "", module, (given,), (TensorSpec("y", shape, "float32", ""),))
    check_equal(to_onnx(graph), graph, {"x": x.numpy()})


@pytest.mark.parametrize("rule", ["letterbox", "stretch"])
def test_baked_preprocessing(rule: str):
    module = BakedPreprocessing(Preprocessing(*SIZE, resize=rule))
    check_module(module, torch.from_numpy(pictures()[1])[None], (1, 3, *SIZE))


@pytest.mark.parametrize("kind", ["max", "avg"])
def test_pooling_windows_that_stick_out(kind: str):
    """Runtimes differ in what an average there is divided by."""
    x = torch.rand(1, 4, 12, 20, generator=torch.Generator().manual_seed(0))
    check_module(LocalPool(kind, 8), x, (1, 4, 2, 3))


def sides(values) -> dict[str, tuple[int | str, ...]]:
    return {
        value.name: tuple(d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim)
        for value in values
    }


def test_inputs_and_outputs_are_the_specs(shipped: Shipped):
    graph, written = shipped.graph, shipped.model.graph
    assert sides(written.input) == {spec.name: spec.shape for spec in graph.inputs}
    assert sides(written.output) == {spec.name: spec.shape for spec in graph.outputs}
    assert written.name == graph.name


@pytest.mark.parametrize(
    ("name", "inputs", "outputs"),
    [
        (FOLD, {"kernels": (1, "n", 256)}, {"folded_bias": (1, "9n", 1)}),
        (REUSE_PLAIN, {"kernels": (1, "n", 256)}, {"mask_logits": (1, "n", 8, 12)}),
        (REUSE_FOLDED, {"folded_weight_p5": (1, "9n", 256)}, {"mask_logits": (1, "n", 8, 12)}),
    ],
)
def test_free_sides_have_names(name: str, inputs: dict, outputs: dict):
    written = export_once(name, TINY, SIZE, None).graph
    assert inputs.items() <= sides(written.input).items()
    assert outputs.items() <= sides(written.output).items()


def fields_of(message: Message) -> Iterator[tuple[str, object]]:
    """Every field that is set, however deep, with its name; weights' numbers left out."""
    for field, value in message.ListFields():
        items = [value] if isinstance(value, Message) or not hasattr(value, "__iter__") else value
        items = [value] if isinstance(value, str | bytes) else items
        for item in items:
            if isinstance(item, Message):
                yield from fields_of(item)
            elif field.name != "raw_data":
                yield field.name, item


def test_nothing_of_the_machine_is_left(shipped: Shipped):
    """No notes, no paths, no other program's version: the same bytes everywhere."""
    texts = {(f, t) for f, t in fields_of(shipped.model) if isinstance(t, str | bytes)}
    assert ("name", shipped.graph.name) in texts
    assert {f for f, _ in texts} & {"doc_string", "producer_version", "key", "value"} == set()
    assert len(shipped.model.metadata_props) + len(shipped.model.functions) == 0
    plain = [t if isinstance(t, str) else t.decode("latin1") for _, t in texts]
    assert [t for t in plain if re.search(r"^/|\.py\b|\\|site-packages|torch", t)] == []


def test_large_weights_are_stored_once(shipped: Shipped):
    large = [w for w in shipped.model.graph.initializer if len(w.raw_data) > 1024]
    contents = {(tuple(w.dims), hashlib.sha256(w.raw_data).digest()) for w in large}
    assert len(contents) == len(large) > 0


def test_nodes_are_named_after_what_they_give(shipped: Shipped):
    nodes = shipped.model.graph.node
    assert all(node.name == node.output[0] for node in nodes)
    assert len({node.name for node in nodes}) == len(nodes)


def test_exporting_again_gives_the_same_bytes():
    """The whole bundle, in another process: test_bundle.py."""
    options = GraphOptions(Preprocessing(*SIZE), kernels=None)
    again = to_onnx(build_graphs(calibrated(TINY, SIZE), options)[FOLD])
    first = export_once(FOLD, TINY, SIZE, None)
    assert again.SerializeToString(deterministic=True) == first.SerializeToString(
        deterministic=True
    )


@pytest.mark.parametrize("name", [KEYFRAME, FOLD])
def test_another_opset(name: str):
    assert DEFAULT_OPSET == 18
    graph = graphs(TINY, SIZE, 10)[name]
    model = to_onnx(graph, 20)
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", 20)]
    check_equal(model, graph, inputs_of(graph, TINY, SIZE, 10))


def test_the_default_opset(shipped: Shipped):
    assert [(o.domain, o.version) for o in shipped.model.opset_import] == [("", DEFAULT_OPSET)]


@pytest.mark.parametrize("shipped", [KEYFRAME, FOLD], indirect=True)
def test_tensors_of_one_name_have_one_value(shipped: Shipped):
    """Inside the graph too, or a comparison tensor by tensor would name the wrong place."""
    expected = record(shipped.graph, shipped.inputs)
    model = copy.deepcopy(shipped.model)
    named = [value for node in model.graph.node for value in node.output if value in expected]
    assert len(named) > 0.9 * len(model.graph.node)
    del model.graph.output[:]
    model.graph.output.extend(onnx.ValueInfoProto(name=value) for value in named)
    for value, array in run_onnx(model, shipped.inputs).items():
        wanted = torch.from_numpy(expected[value])
        assert relative(torch.from_numpy(array), wanted) <= FLOAT32, value


class Refused(nn.Module):
    """The exporter can't follow a branch on a value."""

    def forward(self, x: Tensor) -> Tensor:
        return x if x.sum() > 0 else -x


class OtherShape(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.T


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (Refused(), "torch can't export the graph made_up: "),
        (OtherShape(), "the graph made_up came out with "),
    ],
)
def test_a_graph_that_does_not_convert_is_one_clear_line(module: nn.Module, message: str):
    x, y = (TensorSpec(name, (2, 3), "float32", "") for name in "xy")
    with pytest.raises(ConversionError, match=message) as caught:
        to_onnx(Graph("made_up", "", module, (x,), (y,)))
    assert "\n" not in str(caught.value)


def test_a_free_side_becomes_a_number():
    spec = TensorSpec("folded", (1, "9n", "n", 4), "float32", "")
    assert concrete_shape(spec.shape, 3) == (1, 27, 3, 4)

"""The peers' bundles: what they hold, and that every file gives what the network gives."""

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from export import specs
from export.errors import ConversionError
from export.formats import ONNX_ALONE, Formats
from export.graphs import GraphOptions
from export.manifest import Bundle
from export.peer_graphs import build_peer_graphs
from export.verify import verify
from mobileinst_deploy.reference import open_network, open_reference
from mobileinst_deploy.sample_frames import sample_frames
from models.preprocessing import Preprocessing, preprocess
from models.zoo import build
from tests.export.small_peers import INSTANCES, SIZE, SMALL, WITH_MASKS, write_peer

ALL = Formats(precisions=("fp32",))
# CrossVIS is CondInst and a tower more, which no format sees anything new in.
FORMATS = {**dict.fromkeys(SMALL, ALL), "crossvis": ONNX_ALONE}


@pytest.fixture(scope="module", params=SMALL)
def bundle(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Each file of which export has run and compared with PyTorch."""
    target = tmp_path_factory.mktemp("peers") / "bundle"
    return write_peer(request.param, target, FORMATS[request.param])


def test_what_a_peer_is(bundle: Bundle):
    manifest = bundle.manifest
    family = manifest.model.architecture
    graphs = ["keyframe", "masks"] if family in WITH_MASKS else ["keyframe"]
    assert list(manifest.graphs) == graphs
    for graph in manifest.graphs.values():
        assert tuple(artifact.format for artifact in graph.artifacts) == FORMATS[family].targets
    assert manifest.kernels.count == (INSTANCES if family in WITH_MASKS else None)
    assert manifest.state == ()
    assert verify(bundle) == []
    assert all(s.description for g in manifest.graphs.values() for s in (*g.inputs, *g.outputs))


def test_golden_tensors_are_the_networks(bundle: Bundle):
    network = open_network(bundle)
    for golden in bundle.manifest.golden:
        arrays = load_file(bundle.locate(golden.reference))
        with torch.inference_mode():
            outputs = network(torch.from_numpy(arrays["image"]))
        for name, tensor in outputs._asdict().items():
            close(arrays[f"keyframe/{name}"], tensor)
        if network.mask_head is not None:
            chosen = network.select(outputs, INSTANCES)
            with torch.inference_mode():
                masks = network.mask_head(**chosen)
            for name, tensor in {**chosen, "mask_logits": masks}.items():
                close(arrays[f"masks/{name}"], tensor)


def close(golden: np.ndarray, tensor: torch.Tensor) -> None:
    np.testing.assert_allclose(golden, tensor, rtol=1e-4, atol=1e-4 * float(tensor.abs().max()))


def test_float64_makes_masks_of_the_same_instances(bundle: Bundle):
    """Two scores that are equal but for rounding could else change places."""
    reference = open_reference(bundle)
    image = load_file(bundle.locate(bundle.manifest.golden[0].reference))["image"]
    expected = reference.expected(image, None)
    exact = reference.exact_again(image, expected)
    assert exact.keys() == expected.keys()
    assert {array.dtype.name for array in exact["keyframe"].values()} == {"float64"}
    for name in (spec.name for g in bundle.manifest.graphs.values() for spec in g.inputs):
        if name != "image":
            assert exact["masks"][name] is expected["masks"][name]


def test_more_instances_than_candidates_are_refused():
    options = GraphOptions(Preprocessing(*SIZE), instances=4000)
    with pytest.raises(ConversionError, match=r"masks of 4000 .* give --instances 1 to 3872$"):
        build_peer_graphs(build(SMALL["solov2"]), options)


def test_baked_preprocessing_takes_the_picture():
    picture = sample_frames()[0].picture
    preprocessing = Preprocessing(*SIZE)
    options = GraphOptions(preprocessing, source_size=picture.shape[:2])
    network = build(SMALL["yolact"])
    graph = build_peer_graphs(network, options)["keyframe"]
    assert graph.inputs == (specs.image(preprocessing, options.source_size),)
    with torch.inference_mode():
        baked = graph.module(torch.from_numpy(picture[None]))
        outside = network(torch.from_numpy(preprocess(picture, preprocessing)))
    for got, wanted in zip(baked, outside, strict=True):
        torch.testing.assert_close(got, wanted, rtol=1e-4, atol=1e-4)

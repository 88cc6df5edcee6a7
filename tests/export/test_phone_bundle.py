"""The ncnn and TNN files of a bundle: there, right on every golden frame, their weights shared."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import numpy_helper

from export.artifact_sessions import ArtifactSession, open_artifact
from export.check import RUN_CHECK_RELATIVE
from export.golden_io import golden_inputs, golden_key, read_golden
from export.manifest import Artifact, Bundle, Format, open_bundle
from export.ncnn_param import input_blobs, output_blobs, parse_param
from export.onnx_tensors import onnx_session, run_onnx
from export.to_tnn.format import read_net
from export.verify import verify
from tests.conftest import SMALL, export

GRAPHS = ["keyframe", "reuse_plain", "fold", "reuse_folded", "keyframe_literal"]
WANTED = {
    ("onnx", "fp32"), ("ncnn", "fp32"), ("ncnn", "fp16-storage"),
    ("tnn", "fp32"), ("tnn", "fp16-storage"),
}  # fmt: skip
LIMITS = {"fp32": 1e-3, "fp16-storage": RUN_CHECK_RELATIVE["fp16-storage"]}


@pytest.fixture(scope="module")
def bundle(phone_bundle: Path) -> Bundle:
    return open_bundle(phone_bundle)


@pytest.fixture(scope="module")
def dynamic(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Any number of kernels, as far as the formats allow."""
    options = ("--size", "64x96", "--frames", "1", "--kernels", "dynamic", "--precisions", "fp32")
    return open_bundle(export(SMALL, tmp_path_factory.mktemp("bundles") / "dynamic", *options))


def phone_artifacts(bundle: Bundle) -> Iterator[tuple[str, Artifact]]:
    for name, graph in bundle.manifest.graphs.items():
        yield from ((name, a) for a in graph.artifacts if a.format != "onnx")


def open_session(bundle: Bundle, graph: str, artifact: Artifact) -> ArtifactSession:
    return open_artifact(bundle.path, bundle.graph(graph), artifact)


def relative(got: NDArray[np.float32], wanted: NDArray[np.float32]) -> float:
    assert got.shape == wanted.shape
    return float(np.abs(got - wanted).max() / np.abs(wanted).max())


def errors(bundle: Bundle, graph: str, artifact: Artifact) -> Iterator[float]:
    """From PyTorch's golden tensors, for every output on every golden frame."""
    session = open_session(bundle, graph, artifact)
    for index, golden in enumerate(bundle.manifest.golden):
        arrays = read_golden(bundle, golden)
        got = session.run(golden_inputs(bundle, graph, index))
        for spec in bundle.graph(graph).outputs:
            yield relative(got[spec.name], arrays[golden_key(graph, spec.name)])


def test_every_file_is_there(bundle: Bundle):
    assert list(bundle.manifest.graphs) == GRAPHS
    for graph in bundle.manifest.graphs.values():
        assert {(a.format, a.precision) for a in graph.artifacts} == WANTED
        assert len(graph.artifacts) == len(WANTED)
    assert {"pnnx", "ncnn"} <= {*bundle.manifest.versions}
    assert verify(bundle) == []


@pytest.mark.parametrize("graph", GRAPHS)
def test_names_lead_into_the_files(bundle: Bundle, graph: str):
    spec = bundle.graph(graph)
    given, made = ({s.name for s in specs} for specs in (spec.inputs, spec.outputs))
    for artifact in spec.artifacts:
        paths = [bundle.locate(ref) for ref in artifact.files]
        names = artifact.names
        assert {*names} == given | made
        if artifact.format == "ncnn":
            layers = parse_param(paths[0].read_text())
            assert {names[n] for n in given} == {*input_blobs(layers)}
            assert {names[n] for n in made} == {*output_blobs(layers)}
        elif artifact.format == "tnn":
            net = read_net(paths[0], paths[1])
            assert {names[n] for n in given} == {i.name for i in net.inputs}
            assert {names[n] for n in made} == {*net.outputs}


@pytest.mark.parametrize("graph", GRAPHS)
@pytest.mark.parametrize(("kind", "precision"), sorted(WANTED))
def test_every_golden_frame_is_right(bundle: Bundle, graph: str, kind: Format, precision):
    worst = max(errors(bundle, graph, bundle.artifact(graph, kind, precision)))
    assert worst <= LIMITS[precision]
    assert worst > 1e-5 or precision == "fp32"  # rounded weights show


@pytest.mark.parametrize("precision", ["fp32", "fp16-storage"])
def test_ncnn_graphs_read_one_file_of_weights(bundle: Bundle, precision):
    files = {name: bundle.artifact(name, "ncnn", precision).files[1] for name in GRAPHS}
    ending = {"fp32": ".bin", "fp16-storage": ".fp16.bin"}[precision]
    assert {name: ref.file for name, ref in files.items()} == {
        "keyframe": f"ncnn/keyframe{ending}",
        "reuse_plain": f"ncnn/keyframe{ending}",
        "reuse_folded": f"ncnn/keyframe{ending}",
        "fold": f"ncnn/fold{ending}",
        "keyframe_literal": f"ncnn/keyframe_literal{ending}",
    }


@pytest.mark.parametrize("precision", ["fp32", "fp16-storage"])
def test_tnn_graphs_have_links_to_one_file_of_weights(bundle: Bundle, precision):
    files = {name: bundle.artifact(name, "tnn", precision).files[1] for name in GRAPHS}
    shared = ("keyframe", "reuse_plain", "reuse_folded")
    assert len({ref.file for ref in files.values()}) == len(GRAPHS)
    assert len({files[name].sha256 for name in shared}) == 1
    assert len({bundle.locate(files[name]).stat().st_ino for name in shared}) == 1
    assert len({ref.sha256 for ref in files.values()}) == 3


def test_weights_as_float16_take_half(bundle: Bundle):
    for graph, artifact in phone_artifacts(bundle):
        if artifact.precision == "fp16-storage":
            full = bundle.artifact(graph, artifact.format, "fp32").files[1].size
            assert 0.49 < artifact.files[1].size / full < 0.52


def weights(bundle: Bundle, graph: str) -> dict[bytes, int]:
    """Content -> bytes, of a graph's float32 weights."""
    model = onnx.load(bundle.path / f"{graph}.onnx")
    arrays = [numpy_helper.to_array(i) for i in model.graph.initializer]
    return {a.tobytes(): a.nbytes for a in arrays if a.dtype == np.float32}


def test_common_weights_are_counted(bundle: Bundle):
    keyframe = weights(bundle, "keyframe")
    for name, graph in bundle.manifest.graphs.items():
        own = weights(bundle, name)
        assert graph.weight_bytes == sum(own.values())
        common = sum(size for content, size in own.items() if content in keyframe)
        assert graph.common_weight_bytes == common
    counts = {n: g.common_weight_bytes / g.weight_bytes for n, g in bundle.manifest.graphs.items()}
    assert (counts["keyframe"], counts["reuse_plain"], counts["reuse_folded"]) == (1, 1, 1)
    assert counts["fold"] == 0
    assert 0.9 < counts["keyframe_literal"] < 1


def test_free_kernels_stay_free_where_ncnn_can(dynamic: Bundle):
    kernels = {
        (name, artifact.format): artifact.settings["kernels"]
        for name, artifact in phone_artifacts(dynamic)
    }
    assert kernels == {
        ("keyframe", "ncnn"): "fixed", ("reuse_plain", "ncnn"): "free",
        ("fold", "ncnn"): "free", ("reuse_folded", "ncnn"): "fixed",
        **{(name, "tnn"): "fixed" for name in dynamic.manifest.graphs},
    }  # fmt: skip
    assert verify(dynamic) == []


def test_free_kernels_are_right_on_the_golden_frame(dynamic: Bundle):
    for graph, artifact in phone_artifacts(dynamic):
        assert max(errors(dynamic, graph, artifact)) <= LIMITS["fp32"], (graph, artifact.format)


@pytest.mark.parametrize("graph", ["fold", "reuse_plain"])
@pytest.mark.parametrize("count", [1, 7])
def test_ncnn_takes_another_number_of_kernels(dynamic: Bundle, graph: str, count: int):
    feed = golden_inputs(dynamic, graph, 0)
    feed["kernels"] = feed["kernels"][:, :count]
    wanted = run_onnx(onnx_session(str(dynamic.path / f"{graph}.onnx")), feed)
    got = open_session(dynamic, graph, dynamic.artifact(graph, "ncnn", "fp32")).run(feed)
    assert max(relative(got[name], wanted[name]) for name in wanted) <= LIMITS["fp32"]


@pytest.mark.parametrize("kind", ["ncnn", "tnn"])
def test_folded_reuse_is_fixed_at_the_usual_number(dynamic: Bundle, kind: Format):
    artifact = dynamic.artifact("reuse_folded", kind, "fp32")
    feed = golden_inputs(dynamic, "reuse_folded", 0)
    got = open_session(dynamic, "reuse_folded", artifact).run(feed)
    assert got["mask_logits"].shape[:2] == (1, 10)


# In another process, whose dictionaries and sets are ordered by another hash.
AGAIN = """
import sys
from pathlib import Path
import onnx
from export.golden_io import golden_inputs
from export.manifest import open_bundle
from export.to_ncnn import to_ncnn
from export.to_tnn.convert import convert
from export.to_tnn.format import encode_model, encode_proto

bundle, folder = open_bundle(Path(sys.argv[1])), Path(sys.argv[2])
for graph in sys.argv[3:]:
    model, feed = onnx.load(bundle.path / f"{graph}.onnx"), golden_inputs(bundle, graph, 0)
    files = to_ncnn(model, feed, half=True)
    (folder / f"{graph}.param").write_text(files.param)
    (folder / f"{graph}.bin").write_bytes(files.weights)
    (folder / f"{graph}.fp16.bin").write_bytes(files.half_weights)
    net = convert(model, {name: array.shape for name, array in feed.items()}).net
    (folder / f"{graph}.tnnproto").write_text(encode_proto(net))
    (folder / f"{graph}.tnnmodel").write_bytes(encode_model(net))
"""


def test_a_second_conversion_gives_the_same_bytes(phone_bundle: Path, tmp_path: Path):
    """That ONNX comes out the same is tested elsewhere; this goes on from there."""
    environment = {**os.environ, "PYTHONHASHSEED": "123", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", AGAIN, str(phone_bundle), str(tmp_path), "fold", "reuse_plain"]
    root = Path(__file__).parents[2]
    subprocess.run(command, check=True, capture_output=True, env=environment, cwd=root)
    own = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(own) == 10
    shared = {n: own.pop(f"reuse_plain.{n}") for n in ("bin", "fp16.bin", "tnnmodel")}
    folders = {".tnnproto": "tnn", ".tnnmodel": "tnn"}
    for name, content in own.items():
        folder = folders.get(Path(name).suffix, "ncnn")
        assert (phone_bundle / folder / name).read_bytes() == content, name
    for ending in ("bin", "fp16.bin"):
        keyframe = (phone_bundle / "ncnn" / f"keyframe.{ending}").read_bytes()
        assert keyframe.startswith(shared[ending])

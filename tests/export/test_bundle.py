"""What export writes: the files of the contract, golden tensors, and nothing after a failure."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from torch import Tensor

from export import bundle as bundle_module
from export.architecture import MOBILEINST, Architecture
from export.bundle import Subject, write_bundle
from export.errors import ConversionError, ExportError, OutputExistsError
from export.golden_io import golden_inputs, golden_key
from export.graphs import FOLD, Graph, GraphOptions, build_graphs
from export.live_kernels import best_queries
from export.manifest import Bundle, TensorSpec, open_bundle
from export.verify import verify
from mobileinst_deploy.sample_frames import sample_frames
from models.errors import InputSizeError
from models.mobileinst.network import MobileInst
from models.preprocessing import Preprocessing, preprocess
from tests.conftest import ARGUMENTS
from tests.export.networks import TINY, calibrated

SIZE = (64, 96)
OPTIONS = GraphOptions(Preprocessing(*SIZE), kernels=3)

GRAPHS = ["keyframe", "reuse_plain", "fold", "reuse_folded", "keyframe_literal"]
FILES = [
    "golden/frame-0.safetensors",
    "golden/frame-1.safetensors",
    "manifest.json",
    "weights.safetensors",
    *(f"{graph}.onnx" for graph in GRAPHS),
]


@pytest.fixture(scope="module")
def bundle(small_bundle: Path) -> Bundle:
    return open_bundle(small_bundle)


def tree(root: Path) -> dict[str, Path]:
    return {str(p.relative_to(root)): p for p in sorted(root.rglob("*")) if not p.is_dir()}


def test_the_files_of_the_contract(small_bundle: Path, bundle: Bundle):
    assert list(tree(small_bundle)) == sorted(FILES)
    assert list(bundle.manifest.graphs) == GRAPHS
    assert verify(bundle) == []


# In another process, whose dictionaries and sets are ordered by another hash.
AGAIN = "from tests.conftest import SMALL, export; from pathlib import Path; import sys; "
AGAIN += "export(SMALL, Path(sys.argv[1]), *sys.argv[2:])"


def test_a_second_export_gives_the_same_bytes(small_bundle: Path, tmp_path: Path):
    output = tmp_path / "elsewhere"
    environment = {**os.environ, "PYTHONHASHSEED": "123", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", AGAIN, str(output), *ARGUMENTS, "--targets", "onnx"]
    root = Path(__file__).parents[2]
    subprocess.run(command, check=True, capture_output=True, env=environment, cwd=root)
    first, second = tree(small_bundle), tree(output)
    assert list(first) == list(second)
    assert [n for n in first if first[n].read_bytes() != second[n].read_bytes()] == []


def test_everyone_may_read_it(small_bundle: Path):
    for path in (small_bundle, *small_bundle.rglob("*")):
        assert path.stat().st_mode & 0o444 == 0o444, path


def test_golden_tensors_are_complete(bundle: Bundle):
    for golden in bundle.manifest.golden:
        arrays = load_file(bundle.locate(golden.reference))
        wanted = {"picture": None}
        for name, graph in bundle.manifest.graphs.items():
            for spec in (*graph.inputs, *graph.outputs):
                wanted[golden_key(name, spec.name)] = (spec.shape, spec.dtype)
        assert set(arrays) == set(wanted)
        del wanted["picture"]
        assert {k: (arrays[k].shape, str(arrays[k].dtype)) for k in wanted} == wanted


def test_golden_frames_say_where_they_come_from(bundle: Bundle):
    for golden, frame in zip(bundle.manifest.golden, sample_frames(), strict=False):
        arrays = load_file(bundle.locate(golden.reference))
        assert (golden.source, golden.frame) == (frame.source, frame.index)
        assert np.array_equal(arrays["picture"], frame.picture)
        assert np.array_equal(
            arrays["image"], preprocess(frame.picture, bundle.manifest.preprocessing)
        )


def test_reuse_graphs_have_one_answer(bundle: Bundle):
    for golden in bundle.manifest.golden:
        arrays = load_file(bundle.locate(golden.reference))
        plain, folded = (arrays[f"reuse_{kind}/mask_logits"] for kind in ("plain", "folded"))
        assert np.array_equal(plain, folded)
        assert plain.std() > 0


def test_the_state_contract(bundle: Bundle):
    graphs = bundle.manifest.graphs
    outputs = {f"{g}.{spec.name}": spec for g in graphs for spec in graphs[g].outputs}
    inputs = {f"{g}.{spec.name}": spec for g in graphs for spec in graphs[g].inputs}
    for edge in bundle.manifest.state:
        source, target = outputs[edge.source], inputs[edge.target]
        chosen = 5 if edge.source == "keyframe.kernels" else source.shape[1]
        assert (source.shape[0], chosen, *source.shape[2:]) == target.shape
        assert edge.lifetime
        assert edge.reset
    carried = {edge.target for edge in bundle.manifest.state}
    assert carried == {name for name in inputs if not name.endswith(".image")}


def test_the_manifest_says_how_it_was_made(bundle: Bundle):
    manifest = bundle.manifest
    assert manifest.model.name == "mobileinst-topformer-t"
    assert (manifest.model.weights.source, manifest.model.weights.source_sha256) == ("seeded", None)
    assert manifest.versions["torch"] == torch.__version__
    assert {a.settings["opset"] for g in manifest.graphs.values() for a in g.artifacts} == {18}
    assert manifest.kernels.count == 5
    assert "zeros" in manifest.kernels.padding


def write(target: Path, frames: int = 1, **settings) -> Bundle:
    subject = Subject("tiny", TINY, calibrated(TINY, SIZE), "seeded", None)
    return write_bundle(subject, OPTIONS, sample_frames()[:frames], target, **settings)


def one_off(graph: Graph) -> None:
    graph.module.bias += 1


def nan_in_the_last_output(graph: Graph) -> None:
    graph.module.bias[0, 0] = torch.nan


def half_a_percent_off(graph: Graph) -> None:
    graph.module.weight_p4 *= 1.005


def planted(spoil: Callable[[Graph], None]) -> Callable[[MobileInst], Architecture]:
    """MobileInst's graphs, of which the fold alone is left, with something wrong in it."""

    def build(*arguments) -> dict[str, Graph]:
        graph = build_graphs(*arguments)[FOLD]
        spoil(graph)
        return {FOLD: graph}

    return lambda network: replace(MOBILEINST, graphs=build, state=lambda graphs: ())


@pytest.mark.parametrize(
    "spoil", [one_off, nan_in_the_last_output, half_a_percent_off], ids=lambda f: f.__name__
)
def test_a_graph_that_gives_something_else_is_not_written(monkeypatch, tmp_path, spoil):
    monkeypatch.setattr(bundle_module, "architecture", planted(spoil))
    with pytest.raises(ConversionError, match="the graph fold as onnx fp32 differs from") as caught:
        write(tmp_path / "bundle")
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def nothing_planted(monkeypatch) -> None:
    """The fold alone, with nothing wrong in it."""
    monkeypatch.setattr(bundle_module, "architecture", planted(lambda graph: None))


def test_a_graph_that_is_right_is_written(nothing_planted, tmp_path: Path):
    written = write(tmp_path / "deep" / "down" / "bundle")
    assert list(written.manifest.graphs) == [FOLD]
    assert written.path == tmp_path / "deep" / "down" / "bundle"


def test_a_frame_is_given_the_best_kernels_of_the_frame_before(bundle: Bundle):
    goldens = [load_file(bundle.locate(golden.reference)) for golden in bundle.manifest.golden]
    for before, after in pairwise(goldens):
        logits, objectness = before["keyframe/class_logits"][0], before["keyframe/objectness"][0]
        best = best_queries(logits, objectness, 5)
        assert np.array_equal(after["fold/kernels"][0], before["keyframe/kernels"][0, best])
        assert np.array_equal(after["reuse_plain/kernels"], after["fold/kernels"])


class NotConvertible(torch.nn.Module):
    def forward(self, kernels: Tensor) -> Tensor:
        return kernels if kernels.sum() > 0 else -kernels


def test_a_graph_that_does_not_convert_leaves_nothing(monkeypatch, tmp_path: Path):
    spec = TensorSpec("kernels", (1, 3, 256), "float32", "")
    graph = Graph(FOLD, "", NotConvertible(), (spec,), (spec,))
    fake = replace(MOBILEINST, graphs=lambda *_: {FOLD: graph})
    monkeypatch.setattr(bundle_module, "architecture", lambda network: fake)
    with pytest.raises(ConversionError, match="torch can't export the graph fold"):
        write(tmp_path / "bundle")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit, MemoryError])
def test_an_interruption_leaves_nothing(tmp_path: Path, stop: type[BaseException]):
    def interrupt(step: str) -> None:
        raise stop

    with pytest.raises(stop):
        write(tmp_path / "deep" / "bundle", progress=interrupt)
    assert list(tmp_path.iterdir()) == []


def test_a_bundle_is_not_replaced_unless_asked(bundle_copy: Path):
    before = {name: path.stat().st_mtime_ns for name, path in tree(bundle_copy).items()}
    with pytest.raises(OutputExistsError, match="give --overwrite to replace"):
        write(bundle_copy)
    assert {name: path.stat().st_mtime_ns for name, path in tree(bundle_copy).items()} == before


def test_a_wrong_size_is_refused(tmp_path: Path):
    subject = Subject("tiny", TINY, calibrated(TINY, SIZE), "seeded", None)
    options = GraphOptions(Preprocessing(100, 100))
    with pytest.raises(InputSizeError, match="100x100"):
        write_bundle(subject, options, sample_frames()[:1], tmp_path / "bundle")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_can_not_be_is_a_clear_error(tmp_path: Path):
    (tmp_path / "file").write_text("mine")
    for target in (tmp_path / "file", tmp_path / "file" / "below", tmp_path / ("a" * 300)):
        with pytest.raises(ExportError) as caught:
            write(target)
        assert "\n" not in str(caught.value)
    assert (tmp_path / "file").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("graph", GRAPHS)
def test_golden_inputs_are_the_graphs(bundle: Bundle, graph: str):
    inputs = golden_inputs(bundle, graph, 1)
    specs = bundle.graph(graph).inputs
    assert {name: array.shape for name, array in inputs.items()} == {
        spec.name: spec.shape for spec in specs
    }

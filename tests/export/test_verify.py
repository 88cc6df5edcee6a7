"""What `verify` says of a bundle with one thing wrong: one line, and where."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import safetensors.torch
import torch
from safetensors.numpy import load_file, save_file

from export.errors import BundleError
from export.golden_io import find_golden, golden_inputs, read_golden
from export.manifest import open_bundle, read_bundle
from export.verify import verify
from tests.export.tampering import edit_manifest, edit_onnx, rehash

GOLDEN = "golden/frame-0.safetensors"


def problem(bundle: Path) -> str:
    """The one thing that verify finds."""
    (line,) = verify(read_bundle(bundle))
    assert "\n" not in line
    assert str(bundle) in line
    return line


def test_nothing_is_wrong(tiny_bundle: Path, small_bundle: Path):
    assert verify(open_bundle(tiny_bundle)) == []
    assert verify(open_bundle(small_bundle)) == []


FILES = ["weights.safetensors", "keyframe.onnx", GOLDEN]


@pytest.mark.parametrize("file", FILES)
def test_a_missing_file(tiny_bundle: Path, file: str):
    (tiny_bundle / file).unlink()
    assert problem(tiny_bundle) == f"{tiny_bundle / file} is missing"


@pytest.mark.parametrize("file", FILES)
def test_a_folder_in_a_files_place(tiny_bundle: Path, file: str):
    (tiny_bundle / file).unlink()
    (tiny_bundle / file).mkdir()
    assert problem(tiny_bundle) == f"{tiny_bundle / file} is missing"


@pytest.mark.parametrize("file", FILES)
def test_a_changed_byte(tiny_bundle: Path, file: str):
    content = bytearray((tiny_bundle / file).read_bytes())
    content[-1] ^= 1
    (tiny_bundle / file).write_bytes(content)
    assert f"{tiny_bundle / file} was changed: expected sha256 " in problem(tiny_bundle)


@pytest.mark.parametrize("file", FILES)
def test_a_truncated_file(tiny_bundle: Path, file: str):
    size = (tiny_bundle / file).stat().st_size
    (tiny_bundle / file).write_bytes((tiny_bundle / file).read_bytes()[:-1])
    expected = f"was changed or cut off: expected {size} bytes, got {size - 1}"
    assert problem(tiny_bundle) == f"{tiny_bundle / file} {expected}"


@pytest.mark.parametrize("file", ["notes.txt", ".hidden", "golden/frame-9.safetensors", "deep/x"])
def test_a_foreign_file(tiny_bundle: Path, file: str):
    (tiny_bundle / file).parent.mkdir(exist_ok=True)
    (tiny_bundle / file).write_text("")
    assert problem(tiny_bundle) == f"{tiny_bundle / file} is foreign: the manifest does not list it"


@pytest.mark.parametrize("content", [b"", b"not a graph", bytes(range(256))])
def test_what_is_no_onnx_model(tiny_bundle: Path, content: bytes):
    (tiny_bundle / "keyframe.onnx").write_bytes(content)
    rehash(tiny_bundle)
    assert "keyframe.onnx is not a valid ONNX model: " in problem(tiny_bundle)


def test_another_graph_in_its_place(tiny_bundle: Path):
    shutil.copy(tiny_bundle / "reuse_plain.onnx", tiny_bundle / "keyframe.onnx")
    rehash(tiny_bundle)
    inputs, outputs = verify(read_bundle(tiny_bundle))
    assert "keyframe.onnx has other inputs than the manifest: expected {'image': " in inputs
    assert "keyframe.onnx has other outputs than the manifest: expected {'kernels': " in outputs


def test_another_graph_of_the_network(bundle_copy: Path):
    shutil.copy(bundle_copy / "reuse_folded.onnx", bundle_copy / "reuse_plain.onnx")
    rehash(bundle_copy)
    assert "reuse_plain.onnx has other inputs than the manifest" in problem(bundle_copy)


def another_type(model: onnx.ModelProto) -> None:
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.elem_type = onnx.TensorProto.DOUBLE


def another_side(model: onnx.ModelProto) -> None:
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.shape.dim[0].dim_value = 2


def a_free_side(model: onnx.ModelProto) -> None:
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"


@pytest.mark.parametrize(
    "change", [another_type, another_side, a_free_side], ids=lambda change: change.__name__
)
def test_another_contract(tiny_bundle: Path, change: Callable[[onnx.ModelProto], None]):
    edit_onnx(tiny_bundle, "keyframe", change)
    lines = verify(read_bundle(tiny_bundle))
    assert [line.split(":")[0].split(" has ")[1] for line in lines] == [
        "other inputs than the manifest",
        "other outputs than the manifest",
    ]


def another_operation(model: onnx.ModelProto) -> None:
    model.graph.node[0].op_type = "Negg"


def weights_outside(model: onnx.ModelProto) -> None:
    weight = model.graph.initializer.add(name="w", dims=[1], data_type=1, data_location=1)
    weight.external_data.add(key="location", value="../../../etc/passwd")


@pytest.mark.parametrize(
    "change", [another_operation, weights_outside], ids=lambda change: change.__name__
)
def test_a_graph_that_onnx_refuses(tiny_bundle: Path, change: Callable[[onnx.ModelProto], None]):
    path = tiny_bundle / "keyframe.onnx"
    model = onnx.load(path)
    change(model)
    path.write_bytes(model.SerializeToString())
    rehash(tiny_bundle)
    assert "keyframe.onnx is not a valid ONNX model: " in problem(tiny_bundle)


def edit_golden(bundle: Path, change: Callable[[dict[str, np.ndarray]], object]) -> None:
    arrays = load_file(bundle / GOLDEN)
    change(arrays)
    save_file(arrays, bundle / GOLDEN)
    rehash(bundle)


KERNELS = "keyframe/kernels"
MISSING = "keyframe/kernels is missing or has another shape or type"
WRONG_GOLDENS = {
    "missing": (lambda arrays: arrays.pop(KERNELS), MISSING),
    "another shape": (lambda a: a.update({KERNELS: a[KERNELS][:, :1].copy()}), MISSING),
    "another rank": (lambda a: a.update({KERNELS: a[KERNELS][0].copy()}), MISSING),
    "another type": (lambda a: a.update({KERNELS: a[KERNELS].astype(np.float64)}), MISSING),
    "NaN": (lambda a: a[KERNELS].fill(np.nan), "keyframe/kernels has NaN or infinity"),
    "infinity": (lambda a: a[KERNELS].fill(np.inf), "keyframe/kernels has NaN or infinity"),
}


@pytest.mark.parametrize(("change", "message"), WRONG_GOLDENS.values(), ids=WRONG_GOLDENS)
def test_a_golden_tensor_that_does_not_fit(tiny_bundle: Path, change: Callable, message: str):
    edit_golden(tiny_bundle, change)
    assert problem(tiny_bundle) == f"{tiny_bundle / GOLDEN}: {message}"


def test_a_golden_frame_without_its_picture(tiny_bundle: Path):
    edit_golden(tiny_bundle, lambda arrays: arrays.pop("picture"))
    assert "picture" in problem(tiny_bundle)


def test_golden_tensors_of_any_number_of_kernels_fit(tiny_bundle: Path):
    masks = np.ones((1, 7, 4, 2), np.float32)
    names = ("reuse_plain/kernels", "reuse_plain/mask_logits")
    edit_golden(tiny_bundle, lambda arrays: arrays.update(dict.fromkeys(names, masks)))
    assert verify(open_bundle(tiny_bundle)) == []


@pytest.mark.parametrize("content", [b"", b"not tensors"])
def test_a_golden_file_that_can_not_be_read(tiny_bundle: Path, content: bytes):
    (tiny_bundle / GOLDEN).write_bytes(content)
    rehash(tiny_bundle)
    assert f"can't read the golden file {tiny_bundle / GOLDEN}: " in problem(tiny_bundle)


def test_a_golden_type_that_numpy_lacks(tiny_bundle: Path):
    arrays = safetensors.torch.load_file(tiny_bundle / GOLDEN)
    arrays[KERNELS] = arrays[KERNELS].to(torch.float8_e4m3fn)
    safetensors.torch.save_file(arrays, tiny_bundle / GOLDEN)
    rehash(tiny_bundle)
    assert GOLDEN in problem(tiny_bundle)


@pytest.mark.parametrize(
    ("end", "name"),
    [
        ("source", "keyframe.kernls"),
        ("source", "keyframe.image"),
        ("source", "fold.kernels"),
        ("source", ""),
        ("target", "reuse_plain.mask_logits"),
        ("target", "reuse_plain"),
    ],
)
def test_a_dangling_edge(tiny_bundle: Path, end: str, name: str):
    edit_manifest(tiny_bundle, lambda plain: plain["state"][0].update({end: name}))
    line = problem(tiny_bundle)
    assert "the state edge " in line
    assert line.endswith(" names no tensor")


def test_folded_tensors_in_each_others_place(bundle_copy: Path):
    def swap(plain: dict) -> None:
        edge = next(e for e in plain["state"] if e["source"] == "fold.folded_weight_p3")
        edge["target"] = "reuse_folded.folded_bias"

    edit_manifest(bundle_copy, swap)
    line = problem(bundle_copy)
    assert line.endswith("fold.folded_weight_p3 does not fit into reuse_folded.folded_bias")


def test_golden_inputs_of_a_graph(tiny_bundle: Path):
    inputs = golden_inputs(open_bundle(tiny_bundle), "reuse_plain", 0)
    assert {name: array.shape for name, array in inputs.items()} == {
        "image": (1, 3, 4, 2),
        "kernels": (1, 2, 4, 2),
    }


@pytest.mark.parametrize(
    ("graph", "index", "message"),
    [
        ("fold", 0, "no graph 'fold'"),
        ("keyframe", 1, "has no golden frame 1: it has 1, counted from 0"),
        ("keyframe", -1, "has no golden frame -1"),
    ],
)
def test_golden_inputs_that_are_not_there(tiny_bundle: Path, graph, index, message):
    with pytest.raises(BundleError, match=message):
        golden_inputs(open_bundle(tiny_bundle), graph, index)


def test_golden_inputs_that_the_file_lacks(tiny_bundle: Path):
    edit_golden(tiny_bundle, lambda arrays: arrays.pop("reuse_plain/kernels"))
    with pytest.raises(BundleError, match="lacks reuse_plain/kernels, which graph 'reuse_plain'"):
        golden_inputs(read_bundle(tiny_bundle), "reuse_plain", 0)


def test_a_golden_file_is_read_whole(tiny_bundle: Path):
    bundle = open_bundle(tiny_bundle)
    assert set(read_golden(bundle, find_golden(bundle, 0))) == {
        "picture",
        "image",
        "keyframe/kernels",
        "reuse_plain/kernels",
        "reuse_plain/mask_logits",
    }

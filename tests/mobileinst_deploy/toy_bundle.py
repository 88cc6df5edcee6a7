"""A bundle whose graphs take microseconds: a few operations each, as ONNX and as ncnn."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.parser
from numpy.typing import NDArray
from safetensors.numpy import save_file

from export.manifest import (
    SCHEMA_VERSION,
    Artifact,
    Bundle,
    Golden,
    GraphSpec,
    KernelRule,
    Manifest,
    Model,
    TensorSpec,
    Weights,
    file_ref,
    open_bundle,
    write_manifest,
)
from models.preprocessing import Preprocessing

HEADER = '<ir_version: 10, opset_import: ["" : 18]>'
GRAPHS = {
    "keyframe": """keyframe (float[1,3,8,8] image) => (float[1,3,8,8] logits)
        { a = Softmax<axis = 1>(image)  b = Relu(a)  logits = Sigmoid(b) }""",
    "reuse_plain": """reuse_plain (float[1,3,8,8] image, float[1,3,1,1] kernels)
        => (float[1,3,8,8] masks) { negative = Neg(kernels)  masks = Mul(image, negative) }""",
    "reuse_folded": """reuse_folded (float[1,3,8,8] image, float[1,3,1,1] weight)
        => (float[1,3,8,8] masks) { masks = Mul(image, weight) }""",
    "fold": "fold (float[1,3,1,1] kernels) => (float[1,3,1,1] weight) { weight = Neg(kernels) }",
}
# The same for ncnn: UnaryOp 1 is the negative, BinaryOp 2 the product.
NCNN = {
    "keyframe": """4 4
Input in0 0 1 in0
Softmax softmax 1 1 in0 a 0=0 1=1
ReLU relu 1 1 a b
Sigmoid sigmoid 1 1 b out0
""",
    "reuse_plain": """4 4
Input in0 0 1 in0
Input in1 0 1 in1
UnaryOp neg 1 1 in1 negative 0=1
BinaryOp mul 2 1 in0 negative out0 0=2
""",
    "reuse_folded": """3 3
Input in0 0 1 in0
Input in1 0 1 in1
BinaryOp mul 2 1 in0 in1 out0 0=2
""",
    "fold": """2 2
Input in0 0 1 in0
UnaryOp neg 1 1 in0 out0 0=1
""",
}
NCNN_MAGIC = "7767517\n"
KERNELS = np.arange(3, dtype=np.float32).reshape(1, 3, 1, 1)
GOLDEN: dict[str, NDArray[Any]] = {
    "picture": np.zeros((8, 8, 3), np.uint8),
    "image": np.ones((1, 3, 8, 8), np.float32),
    "reuse_plain/kernels": KERNELS,
    "fold/kernels": KERNELS,
    "reuse_folded/weight": -KERNELS,
}


def tensor_specs(values: Iterable[onnx.ValueInfoProto]) -> tuple[TensorSpec, ...]:
    return tuple(
        TensorSpec(
            value.name, tuple(d.dim_value for d in value.type.tensor_type.shape.dim), "float32", ""
        )
        for value in values
    )


def write_graph(root: Path, name: str, text: str) -> GraphSpec:
    model = onnx.parser.parse_model(HEADER + text)
    path = root / f"{name}.onnx"
    onnx.save(model, path)
    inputs, outputs = tensor_specs(model.graph.input), tensor_specs(model.graph.output)
    names = {spec.name: spec.name for spec in (*inputs, *outputs)}
    own = Artifact("onnx", "fp32", (file_ref(root, path),), names)
    return GraphSpec("", inputs, outputs, (own, *write_ncnn(root, name, inputs, outputs)))


def write_ncnn(
    root: Path, name: str, inputs: tuple[TensorSpec, ...], outputs: tuple[TensorSpec, ...]
) -> tuple[Artifact, ...]:
    """Nothing has weights, so that both precisions are the same; ncnn reads nothing of the .bin."""
    param, weights = root / f"{name}.param", root / f"{name}.bin"
    param.write_text(NCNN_MAGIC + NCNN[name])
    weights.write_bytes(name.encode())
    names = {spec.name: f"in{index}" for index, spec in enumerate(inputs)}
    names |= {spec.name: f"out{index}" for index, spec in enumerate(outputs)}
    files = (file_ref(root, param), file_ref(root, weights))
    return tuple(Artifact("ncnn", each, files, names) for each in ("fp32", "fp16-storage"))


def write_bundle(
    root: Path,
    graphs: Mapping[str, str] = GRAPHS,
    golden: Mapping[str, NDArray[Any]] = GOLDEN,
) -> Bundle:
    root.mkdir()
    save_file({"none": KERNELS}, root / "weights.safetensors")
    save_file(dict(golden), root / "golden.safetensors")
    weights = Weights(file_ref(root, root / "weights.safetensors"), "seeded", None)
    manifest = Manifest(
        schema_version=SCHEMA_VERSION,
        model=Model("tiny", {}, weights),
        preprocessing=Preprocessing(8, 8),
        preprocessing_baked=False,
        kernels=KernelRule(3, "none"),
        graphs={name: write_graph(root, name, text) for name, text in graphs.items()},
        state=(),
        golden=(Golden(file_ref(root, root / "golden.safetensors"), "made up", 0),),
        versions={},
        git_revision=None,
    )
    write_manifest(root, manifest)
    return open_bundle(root)

"""A bundle of a few kilobytes, with graphs written by hand, for tests of the contract alone."""

from pathlib import Path

import numpy as np
import onnx
from safetensors.numpy import save_file

from export.manifest import (
    SCHEMA_VERSION,
    Artifact,
    Golden,
    GraphSpec,
    KernelRule,
    Manifest,
    Model,
    StateEdge,
    TensorSpec,
    Weights,
    file_ref,
    write_manifest,
)
from models.preprocessing import Preprocessing

PREPROCESSING = Preprocessing(4, 2)
IMAGE = TensorSpec("image", (1, 3, 4, 2), "float32", "")
KERNELS = TensorSpec("kernels", (1, 3, 4, 2), "float32", "")
LIVE = TensorSpec("kernels", (1, "n", 4, 2), "float32", "")
MASKS = TensorSpec("mask_logits", (1, "n", 4, 2), "float32", "")

# name: text, inputs, outputs
GRAPHS = {
    "keyframe": (
        "keyframe (float[1,3,4,2] image) => (float[1,3,4,2] kernels) { kernels = Neg (image) }",
        (IMAGE,),
        (KERNELS,),
    ),
    "reuse_plain": (
        "reuse_plain (float[1,3,4,2] image, float[1,n,4,2] kernels)"
        " => (float[1,n,4,2] mask_logits) { mask_logits = Neg (kernels) }",
        (IMAGE, LIVE),
        (MASKS,),
    ),
}
HEADER = '<ir_version: 10, opset_import: ["" : 18]> '


def write_tiny_bundle(root: Path) -> Path:
    (root / "golden").mkdir(parents=True)
    graphs = {name: write_graph(root, name) for name in GRAPHS}
    weights, golden = root / "weights.safetensors", root / "golden/frame-0.safetensors"
    save_file({"weight": np.ones(3, np.float32)}, weights)
    save_file(golden_arrays(), golden)
    model = Model("tiny", {}, Weights(file_ref(root, weights), "seeded", None))
    manifest = Manifest(
        SCHEMA_VERSION,
        model,
        PREPROCESSING,
        False,
        KernelRule(None, ""),
        graphs,
        (StateEdge("keyframe.kernels", "reuse_plain.kernels", "", "", ""),),
        (Golden(file_ref(root, golden), "clip.mp4", 3),),
        {"torch": "2"},
        None,
    )
    write_manifest(root, manifest)
    return root


def write_graph(root: Path, name: str) -> GraphSpec:
    text, inputs, outputs = GRAPHS[name]
    path = root / f"{name}.onnx"
    onnx.save(onnx.parser.parse_model(HEADER + text), path)
    names = {spec.name: spec.name for spec in (*inputs, *outputs)}
    artifact = Artifact("onnx", "fp32", (file_ref(root, path),), names, {"opset": 18})
    return GraphSpec("", inputs, outputs, (artifact,))


def golden_arrays() -> dict[str, np.ndarray]:
    image, live = np.ones((1, 3, 4, 2), np.float32), np.ones((1, 2, 4, 2), np.float32)
    return {
        "picture": np.zeros((8, 4, 3), np.uint8),
        "image": image,
        "keyframe/kernels": -image,
        "reuse_plain/kernels": live,
        "reuse_plain/mask_logits": -live,
    }

"""A bundle whose graphs read their outputs off the picture, so that any can be written into one.

A pixel p of a picture of the network's size stands for (p - 128) / 16. In order, by channels: class
logits, objectness, kernels, the keyframe's mask logits, the reuse graphs' mask logits. Those graphs
add to each mask the first number of its kernel, so that a wrong kernel shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from export.live_kernels import PADDING_RULE
from export.manifest import (
    AS_IT_IS,
    SCHEMA_VERSION,
    Artifact,
    Bundle,
    Golden,
    GraphSpec,
    KernelRule,
    Manifest,
    Model,
    StateEdge,
    TensorSpec,
    Weights,
    file_ref,
    open_bundle,
    write_manifest,
)
from models.frames import Frame
from models.preprocessing import Preprocessing

HEIGHT, WIDTH = 16, 24  # of the network's input
QUERIES, CLASSES, DIM, COUNT = 8, 4, 6, 5
GRID = (4, 6)
CELLS = GRID[0] * GRID[1]
MEAN, STD = 128.0, 16.0
SHAPES = {
    "class_logits": (QUERIES, CLASSES),
    "objectness": (QUERIES, 1),
    "kernels": (QUERIES, DIM),
    "mask_logits": (QUERIES, *GRID),
    "reuse_masks": (COUNT, *GRID),
}
SIZES = {name: int(np.prod(shape)) for name, shape in SHAPES.items()}
PLACES = dict(zip(SIZES, np.cumsum([0, *SIZES.values()]).tolist(), strict=False))

Levels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Shot:
    """What the graphs give for one frame, as pixels."""

    class_logits: Levels
    objectness: Levels
    kernels: Levels
    mask_logits: Levels
    reuse_masks: Levels

    def frame(self, index: int) -> Frame:
        flat = np.full(3 * HEIGHT * WIDTH, int(MEAN), np.uint8)
        for name, start in PLACES.items():
            flat[start : start + SIZES[name]] = getattr(self, name).reshape(-1)
        picture = flat.reshape(3, HEIGHT, WIDTH).transpose(1, 2, 0)
        return Frame(index, np.ascontiguousarray(picture), "pixels")


def taken(name: str, source: str, target: str) -> str:
    """ncnn's layers that cut a tensor out of the flat image; sizes are width, height, channels."""
    sides = " ".join(f"{i}={side}" for i, side in enumerate(reversed(SHAPES[name])))
    return (
        f"Crop crop_{name} 1 1 {source} {name} 0={PLACES[name]} 3={SIZES[name]}\n"
        f"Reshape shape_{name} 1 1 {name} {target} {sides}\n"
    )


FLAT = f"Input in0 0 1 in0\nReshape flatten 1 1 in0 flat 0={3 * HEIGHT * WIDTH}\n"


def reuse(operation: int) -> str:
    """BinaryOp 0 adds, 1 subtracts."""
    return (
        f"7767517\n8 8\n{FLAT}Input in1 0 1 in1\n{taken('reuse_masks', 'flat', 'masks')}"
        f"Crop first 1 1 in1 column 0=0 1=0 3=1 4={COUNT}\n"
        f"Reshape stand 1 1 column stood 0=1 1=1 2={COUNT}\n"
        f"BinaryOp join 2 1 masks stood out0 0={operation}\n"
    )


KEYFRAME = (
    f"7767517\n11 14\n{FLAT}Split split 1 4 flat a b c d\n{taken('class_logits', 'a', 'out0')}"
    f"{taken('objectness', 'b', 'out1')}{taken('kernels', 'c', 'out2')}"
    f"{taken('mask_logits', 'd', 'out3')}"
)
FOLD = "7767517\n2 2\nInput in0 0 1 in0\nUnaryOp negative 1 1 in0 out0 0=1\n"


def tensors(**shapes: tuple[int, ...]) -> tuple[TensorSpec, ...]:
    return tuple(TensorSpec(name, (1, *shape), "float32", "") for name, shape in shapes.items())


IMAGE, KERNELS = tensors(image=(3, HEIGHT, WIDTH)), tensors(kernels=(COUNT, DIM))
WEIGHT, MASKS = tensors(weight=(COUNT, DIM)), tensors(mask_logits=(COUNT, *GRID))
PREDICTION = tensors(**{name: SHAPES[name] for name in [*SHAPES][:4]})
GRAPHS = {  # inputs, outputs, ncnn's text
    "keyframe": (IMAGE, PREDICTION, KEYFRAME),
    "fold": (KERNELS, WEIGHT, FOLD),
    "reuse_folded": (IMAGE + WEIGHT, MASKS, reuse(1)),
    "reuse_plain": (IMAGE + KERNELS, MASKS, reuse(0)),
}
LIVE = np.zeros((1, COUNT, DIM), np.float32)
GOLDEN: dict[str, NDArray[Any]] = {
    "picture": np.zeros((HEIGHT, WIDTH, 3), np.uint8),
    "image": np.zeros((1, 3, HEIGHT, WIDTH), np.float32),
    "fold/kernels": LIVE,
    "reuse_plain/kernels": LIVE,
    "reuse_folded/weight": LIVE,
}


def write_graph(root: Path, name: str, text: str) -> GraphSpec:
    inputs, outputs, _ = GRAPHS[name]
    param, weights = root / f"{name}.param", root / f"{name}.bin"
    param.write_text(text)
    weights.write_bytes(b"")
    names = {spec.name: f"in{index}" for index, spec in enumerate(inputs)}
    names |= {spec.name: f"out{index}" for index, spec in enumerate(outputs)}
    files = (file_ref(root, param), file_ref(root, weights))
    return GraphSpec("", inputs, outputs, (Artifact("ncnn", "fp32", files, names),))


def edge(source: str, target: str, transform: str) -> StateEdge:
    return StateEdge(source, target, "until the next keyframe", "at every keyframe", transform)


STATE = (
    edge("keyframe.kernels", "fold.kernels", "the live kernels"),
    edge("keyframe.kernels", "reuse_plain.kernels", "the live kernels"),
    edge("fold.weight", "reuse_folded.weight", AS_IT_IS),
)


def write_pixel_bundle(root: Path, texts: Mapping[str, str] | None = None) -> Bundle:
    """`texts` are ncnn's, in the place of a graph's own."""
    root.mkdir()
    save_file({"none": LIVE}, root / "weights.safetensors")
    save_file(GOLDEN, root / "golden.safetensors")
    own = {name: text for name, (_, _, text) in GRAPHS.items()}
    weights = Weights(file_ref(root, root / "weights.safetensors"), "seeded", None)
    manifest = Manifest(
        schema_version=SCHEMA_VERSION,
        model=Model("pixels", {}, weights),
        preprocessing=Preprocessing(HEIGHT, WIDTH, mean=(MEAN,) * 3, std=(STD,) * 3),
        preprocessing_baked=False,
        kernels=KernelRule(COUNT, PADDING_RULE),
        graphs={n: write_graph(root, n, text) for n, text in {**own, **(texts or {})}.items()},
        state=STATE,
        golden=(Golden(file_ref(root, root / "golden.safetensors"), "made up", 0),),
        versions={},
        git_revision=None,
    )
    write_manifest(root, manifest)
    return open_bundle(root)

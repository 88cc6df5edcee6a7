"""The manifest of a bundle without files, whose graphs `oracle.Oracle` plays."""

from pathlib import Path

from export.manifest import (
    AS_IT_IS,
    SCHEMA_VERSION,
    Bundle,
    FileRef,
    GraphSpec,
    KernelRule,
    Manifest,
    Model,
    StateEdge,
    TensorSpec,
    Weights,
)
from models.preprocessing import Preprocessing

HEIGHT, WIDTH, STRIDE = 192, 320, 8  # of the network's input
QUERIES, CLASSES, DIM = 30, 6, 64


def tensors(**shapes: tuple[int | str, ...]) -> tuple[TensorSpec, ...]:
    return tuple(TensorSpec(name, shape, "float32", "") for name, shape in shapes.items())


def oracle_bundle(count: int | None = 10, baked: tuple[int, int] | None = None) -> Bundle:
    """A manifest without files; `baked`: the size of the pictures that the graphs take."""
    n, grid = count or "n", (HEIGHT // STRIDE, WIDTH // STRIDE)
    image = TensorSpec("image", (1, 3, HEIGHT, WIDTH), "float32", "")
    if baked:
        image = TensorSpec("image", (1, *baked, 3), "uint8", "")
    kernels, masks = tensors(kernels=(1, n, DIM)), tensors(mask_logits=(1, n, *grid))
    folded = tensors(folded=(1, n, DIM))
    prediction = tensors(
        class_logits=(1, QUERIES, CLASSES),
        objectness=(1, QUERIES, 1),
        kernels=(1, QUERIES, DIM),
        mask_logits=(1, QUERIES, *grid),
    )
    nothing = FileRef("none", "0" * 64, 0)
    manifest = Manifest(
        schema_version=SCHEMA_VERSION,
        model=Model("oracle", {}, Weights(nothing, "none", None)),
        preprocessing=Preprocessing(HEIGHT, WIDTH),
        preprocessing_baked=baked is not None,
        kernels=KernelRule(count, "rows of zeros"),
        graphs={
            "keyframe": GraphSpec("", (image,), prediction, ()),
            "fold": GraphSpec("", kernels, folded, ()),
            "reuse_folded": GraphSpec("", (image, *folded), masks, ()),
            "reuse_plain": GraphSpec("", (image, *kernels), masks, ()),
        },
        state=(
            edge("keyframe.kernels", "fold.kernels", "the live kernels"),
            edge("keyframe.kernels", "reuse_plain.kernels", "the live kernels"),
            edge("fold.folded", "reuse_folded.folded", AS_IT_IS),
        ),
        golden=(),
        versions={},
        git_revision=None,
    )
    return Bundle(Path("oracle"), manifest)


def edge(source: str, target: str, transform: str) -> StateEdge:
    return StateEdge(source, target, "until the next keyframe", "at every keyframe", transform)

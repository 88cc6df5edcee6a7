"""The names, shapes and meanings of the graphs' inputs and outputs."""

from collections.abc import Sequence

from export.manifest import TensorSpec
from export.rewrites.folded_kernels import FoldedTensor
from export.sides import rows
from models.mobileinst.network import MobileInst
from models.preprocessing import Preprocessing


def image(preprocessing: Preprocessing, source_size: tuple[int, int] | None) -> TensorSpec:
    if source_size:
        description = "the picture, RGB, rows from the top, 0 to 255"
        return TensorSpec("image", (1, *source_size, 3), "uint8", description)
    shape = (1, 3, preprocessing.height, preprocessing.width)
    return TensorSpec("image", shape, "float32", "the preprocessed picture, RGB, about -2.2 to 2.7")


def predictions(network: MobileInst, preprocessing: Preprocessing) -> tuple[TensorSpec, ...]:
    queries = network.instance_decoder.queries
    n, dim = queries.num_embeddings, queries.embedding_dim
    classes = network.heads.classify.out_features
    return (
        TensorSpec("class_logits", (1, n, classes), "float32", "sigmoid gives probabilities"),
        TensorSpec("objectness", (1, n, 1), "float32", "logit of the mask's expected IoU"),
        TensorSpec("kernels", (1, n, dim), "float32", "one mask kernel a query"),
        masks(n, preprocessing),
    )


def live_kernels(dim: int, kernels: int | None) -> TensorSpec:
    description = "kernels of the live instances, then rows of zeros"
    return TensorSpec("kernels", (1, rows(1, kernels), dim), "float32", description)


def folded(tensors: Sequence[FoldedTensor], kernels: int | None) -> tuple[TensorSpec, ...]:
    return tuple(
        TensorSpec(
            tensor.name,
            (1, rows(tensor.rows, kernels), tensor.columns),
            "float32",
            tensor.description,
        )
        for tensor in tensors
    )


def masks(count: int | str, preprocessing: Preprocessing) -> TensorSpec:
    shape = (1, count, preprocessing.height // 8, preprocessing.width // 8)
    description = "one mask a kernel on the 1/8 grid, sigmoid gives probabilities"
    return TensorSpec("mask_logits", shape, "float32", description)

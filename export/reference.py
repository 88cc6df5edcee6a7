"""The reference: the paper's literal network in PyTorch, run on arrays by our tensor names."""

import copy
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from export.graphs import FOLD, KEYFRAME, KEYFRAME_LITERAL, REUSE_FOLDED, REUSE_PLAIN
from export.rewrites.folded_kernels import fold_of
from models.mobileinst.network import MobileInst
from models.preprocessing import Preprocessing, preprocess

Arrays = dict[str, NDArray[Any]]


class Reference:
    """What every graph of a bundle has to give, from the network that was not rewritten.

    The fold has no counterpart in the paper; its reference is the fold itself in PyTorch, and what
    the folded reuse graph makes of it is held against the literal network's masks.
    """

    def __init__(self, network: MobileInst, preprocessing: Preprocessing) -> None:
        self.network = network
        self.preprocessing = preprocessing
        self.dtype = next(network.parameters()).dtype
        self.fold_module = fold_of(network.mask_decoder).to(self.dtype)

    @cached_property
    def exact(self) -> "Reference":
        """The same in float64: what is between the two is what rounding makes of this network."""
        return Reference(copy.deepcopy(self.network).double(), self.preprocessing)

    def tensor(self, array: NDArray[Any]) -> torch.Tensor:
        return torch.from_numpy(array).to(self.dtype)

    def image(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        return preprocess(picture, self.preprocessing)

    def keyframe(self, image: NDArray[Any]) -> Arrays:
        with torch.inference_mode():
            prediction = self.network(self.tensor(image))
        return {name: value.numpy() for name, value in prediction._asdict().items()}

    def fold(self, kernels: NDArray[Any]) -> Arrays:
        with torch.inference_mode():
            values = self.fold_module(self.tensor(kernels))
        outputs = self.fold_module.outputs
        return {output.name: value.numpy() for output, value in zip(outputs, values, strict=True)}

    def reuse(self, image: NDArray[Any], kernels: NDArray[Any]) -> Arrays:
        with torch.inference_mode():
            masks = self.network.reuse(self.tensor(image), self.tensor(kernels))
        return {"mask_logits": masks.numpy()}


def expected_tensors(
    reference: Reference, image: NDArray[np.float32], kernels: NDArray[np.float32]
) -> dict[str, Arrays]:
    """Inputs and outputs of every graph but for the image: graph -> tensor -> array.

    `kernels` [1, n, D] are the live kernels that reach this frame.
    """
    keyframe = reference.keyframe(image)
    folded = reference.fold(kernels)
    masks = reference.reuse(image, kernels)
    return {
        KEYFRAME: keyframe,
        KEYFRAME_LITERAL: keyframe,
        FOLD: {"kernels": kernels, **folded},
        REUSE_PLAIN: {"kernels": kernels, **masks},
        REUSE_FOLDED: {**folded, **masks},
    }


def exact_tensors(
    reference: Reference, image: NDArray[np.float32], kernels: NDArray[np.float32]
) -> dict[str, Arrays]:
    """`expected_tensors` in float64, from the same inputs."""
    return expected_tensors(reference.exact, image, kernels)


def largest_relative_error(got: Mapping[str, NDArray[Any]], wanted: Arrays) -> float:
    """Largest |got - wanted| over the largest |wanted|, the worst tensor's."""
    errors = [
        np.abs(got[name] - value).max() / max(np.abs(value).max(), 1e-30)
        if got[name].shape == value.shape
        else np.inf
        for name, value in wanted.items()
    ]
    return float(np.max(errors))  # NaN if one is

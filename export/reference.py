"""The reference: a network as its paper has it, in PyTorch, run on arrays by our tensor names."""

import copy
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Generic, Self, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from export.graphs import FOLD, KEYFRAME, KEYFRAME_LITERAL, REUSE_FOLDED, REUSE_PLAIN
from export.live_kernels import live
from export.rewrites.folded_kernels import PointwiseFold, PyramidFold, fold_of
from models.mobileinst.network import MobileInst
from models.preprocessing import Preprocessing, preprocess

Arrays = dict[str, NDArray[Any]]
N = TypeVar("N", bound=torch.nn.Module)


class Reference(ABC, Generic[N]):
    """What every graph of a bundle has to give, from the network that was not rewritten."""

    def __init__(self, network: N, preprocessing: Preprocessing, count: int) -> None:
        """`count` is the manifest's: live kernels or chosen instances."""
        self.network = network
        self.preprocessing = preprocessing
        self.count = count
        self.dtype = next(network.parameters()).dtype

    @cached_property
    def exact(self) -> Self:
        """The same in float64: what is between the two is what rounding makes of this network."""
        return type(self)(copy.deepcopy(self.network).double(), self.preprocessing, self.count)

    def tensor(self, array: NDArray[Any]) -> torch.Tensor:
        return torch.from_numpy(array).to(self.dtype)

    def image(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        return preprocess(picture, self.preprocessing)

    def keyframe(self, image: NDArray[Any]) -> Arrays:
        with torch.inference_mode():
            prediction = self.network(self.tensor(image))
        return to_arrays(prediction._asdict())

    @abstractmethod
    def expected(self, image: NDArray[np.float32], previous: Arrays | None) -> dict[str, Arrays]:
        """Inputs and outputs of every graph but for the image: graph -> tensor -> array.

        `previous` is what `keyframe` gave for the frame before; None where there was none.
        """

    def exact_again(
        self, image: NDArray[np.float32], tensors: dict[str, Arrays]
    ) -> dict[str, Arrays]:
        """What `expected` gave, in float64 and from the same inputs."""
        return self.exact.again(image, tensors)

    @abstractmethod
    def again(self, image: NDArray[np.float32], tensors: dict[str, Arrays]) -> dict[str, Arrays]:
        """`expected` once more, from the inputs in `tensors` instead of a frame before."""


class MobileInstReference(Reference[MobileInst]):
    """The paper's literal network.

    The fold has no counterpart in the paper; its reference is the fold itself in PyTorch, and what
    the folded reuse graph makes of it is held against the literal network's masks.
    """

    @cached_property
    def fold_module(self) -> PyramidFold | PointwiseFold:
        return fold_of(self.network.mask_decoder).to(self.dtype)

    def fold(self, kernels: NDArray[Any]) -> Arrays:
        with torch.inference_mode():
            values = self.fold_module(self.tensor(kernels))
        outputs = self.fold_module.outputs
        return {output.name: value.numpy() for output, value in zip(outputs, values, strict=True)}

    def reuse(self, image: NDArray[Any], kernels: NDArray[Any]) -> Arrays:
        with torch.inference_mode():
            masks = self.network.reuse(self.tensor(image), self.tensor(kernels))
        return {"mask_logits": masks.numpy()}

    def expected(self, image: NDArray[np.float32], previous: Arrays | None) -> dict[str, Arrays]:
        """A frame reuses the best kernels of the one before; the first, its own."""
        return self.reusing(image, live(previous or self.keyframe(image), self.count))

    def again(self, image: NDArray[np.float32], tensors: dict[str, Arrays]) -> dict[str, Arrays]:
        return self.reusing(image, tensors[FOLD]["kernels"])

    def reusing(
        self, image: NDArray[np.float32], kernels: NDArray[np.float32]
    ) -> dict[str, Arrays]:
        """`kernels` [1, n, D] are the live kernels that reach this frame."""
        keyframe, folded = self.keyframe(image), self.fold(kernels)
        masks = self.reuse(image, kernels)
        return {
            KEYFRAME: keyframe,
            KEYFRAME_LITERAL: keyframe,
            FOLD: {"kernels": kernels, **folded},
            REUSE_PLAIN: {"kernels": kernels, **masks},
            REUSE_FOLDED: {**folded, **masks},
        }


def to_arrays(tensors: Mapping[str, torch.Tensor]) -> Arrays:
    """Each row by row in memory: safetensors stores a transposed view's numbers in wrong order."""
    return {name: np.ascontiguousarray(tensor.numpy()) for name, tensor in tensors.items()}


def largest_relative_error(got: Mapping[str, NDArray[Any]], wanted: Arrays) -> float:
    """Largest |got - wanted| over the largest |wanted|, the worst tensor's."""
    errors = [
        np.abs(got[name] - value).max() / max(np.abs(value).max(), 1e-30)
        if got[name].shape == value.shape
        else np.inf
        for name, value in wanted.items()
    ]
    return float(np.max(errors))  # NaN if one is

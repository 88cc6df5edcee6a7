"""A network that knows the scene: its kernels are perfect, or as noisy as asked for.

Its X_mask is one-hot before a rotation: an object's own channel is 1 in the object's cells, and one
more channel is 1 everywhere. A kernel is 2 in its object's channel and -1 in that one. So
K · X_mask (Eq. 2 of the paper) is positive in the object's cells alone, whichever frame they are
of, and kernels of two objects have a cosine of 1/5. `fold` undoes the rotation once a keyframe.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from export.manifest import Bundle
from mobileinst_deploy.feeding import fitting, graph_image
from mobileinst_deploy.runtimes.base import Arrays
from mobileinst_deploy.tracking.contract import FOLDED, plan_tracking
from mobileinst_deploy.tracking.network import BundleNetwork
from models.frames import Frame
from tests.mobileinst_deploy.tracking.oracle_bundle import (
    CLASSES,
    DIM,
    HEIGHT,
    QUERIES,
    STRIDE,
    WIDTH,
)

SHARPNESS = 8.0  # mask logits are this inside an object, and minus this outside
BACKGROUND_SCORE = 0.02
Cells = NDArray[np.bool_]  # [H/8, W/8]


@dataclass(frozen=True, eq=False)
class Seen:
    """An object in one frame."""

    actor: int  # from 0
    cells: Cells
    score: float = 0.9
    label: int = 0


Shot = Sequence[Seen]  # one frame


@dataclass(frozen=True)
class FunctionSession:
    graph: Callable[[Mapping[str, NDArray[Any]]], Arrays]

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        return self.graph(inputs)


@dataclass(eq=False)
class Oracle:
    """The graphs of `oracle_bundle`, for these frames; noise is relative to a kernel's length."""

    bundle: Bundle
    frames: Sequence[Frame]
    shots: Sequence[Shot]
    noise: float = 0.0
    seed: int = 0
    places: dict[bytes, int] = field(init=False)
    rotation: NDArray[np.float64] = field(init=False)  # [D, D]

    def __post_init__(self) -> None:
        images = [graph_image(self.bundle, fitting(self.bundle, frame)) for frame in self.frames]
        self.places = {image.tobytes(): place for place, image in enumerate(images)}
        assert len(self.places) == len(self.frames), "two frames look the same to the oracle"
        self.rotation = np.linalg.qr(np.random.default_rng(self.seed).normal(size=(DIM, DIM)))[0]

    def keyframe(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        place = self.places[inputs["image"].tobytes()]
        random = np.random.default_rng((self.seed, place))
        queries = random.permutation(QUERIES)[: len(self.shots[place])]
        kernels = random.normal(size=(QUERIES, DIM))
        class_logits = np.full((QUERIES, CLASSES), logit(BACKGROUND_SCORE))
        objectness = np.full((QUERIES, 1), logit(BACKGROUND_SCORE))
        for query, seen in zip(queries, self.shots[place], strict=True):
            kernels[query] = self.kernel(seen.actor, random)
            class_logits[query, seen.label] = objectness[query] = logit(seen.score)
        masks = apply(kernels, self.features(inputs["image"]))
        outputs = (class_logits, objectness, kernels, masks)
        names = ("class_logits", "objectness", "kernels", "mask_logits")
        return {name: batched(array) for name, array in zip(names, outputs, strict=True)}

    def kernel(self, actor: int, random: np.random.Generator) -> NDArray[np.float64]:
        plain = np.zeros(DIM)
        plain[[0, actor + 1]] = -SHARPNESS, 2 * SHARPNESS
        disturbance = random.normal(size=DIM)
        disturbance *= self.noise * np.linalg.norm(plain) / np.linalg.norm(disturbance)
        turned: NDArray[np.float64] = (plain + disturbance) @ self.rotation
        return turned

    def features(self, image: NDArray[Any]) -> NDArray[np.float64]:
        """X_mask, [D, H/8, W/8]."""
        return apply(self.rotation.T, self.channels(image))

    def channels(self, image: NDArray[Any]) -> NDArray[np.float64]:
        """X_mask before the rotation."""
        channels = np.zeros((DIM, HEIGHT // STRIDE, WIDTH // STRIDE))
        channels[0] = 1
        for seen in self.shots[self.places[image.tobytes()]]:
            channels[seen.actor + 1][seen.cells] = 1
        return channels

    def fold(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        return {"folded": batched(inputs["kernels"][0] @ self.rotation.T)}

    def reuse_folded(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        masks = apply(inputs["folded"][0], self.channels(inputs["image"]))
        return {"mask_logits": batched(masks)}

    def reuse_plain(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        masks = apply(inputs["kernels"][0], self.features(inputs["image"]))
        return {"mask_logits": batched(masks)}

    def sessions(self) -> dict[str, FunctionSession]:
        graphs = (self.keyframe, self.fold, self.reuse_folded, self.reuse_plain)
        return {graph.__name__: FunctionSession(graph) for graph in graphs}

    def network(self, reuse: str = FOLDED) -> BundleNetwork:
        plan = plan_tracking(self.bundle, reuse)
        return BundleNetwork(plan, self.sessions(), self.bundle.manifest.kernels.count or 10)


def apply(kernels: NDArray[Any], features: NDArray[np.float64]) -> NDArray[np.float64]:
    """Eq. 2: [n, D] and [D, h, w] -> [n, h, w]."""
    return np.einsum("nd,dhw->nhw", kernels, features)


def logit(probability: float) -> float:
    return float(np.log(probability / (1 - probability)))


def batched(array: NDArray[Any]) -> NDArray[np.float32]:
    return array[None].astype(np.float32)

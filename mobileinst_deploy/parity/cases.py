"""Real frames, with what goes into every graph and what has to come out of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from export.bundle import live
from export.golden_io import IMAGE, find_golden, read_golden
from export.graphs import KEYFRAME
from export.manifest import Bundle
from export.reference import Reference, expected_tensors
from export.to_onnx import EXAMPLE_KERNELS
from mobileinst_deploy.runtimes.base import Arrays
from models.frames import Frame, at_size


@dataclass(frozen=True)
class Case:
    frame: str  # source#index
    image: NDArray[Any]  # as the graphs take it
    expected: dict[str, Arrays]  # graph -> its other inputs and its outputs, from the reference

    def inputs(self, bundle: Bundle, graph: str) -> Arrays:
        tensors = {**self.expected[graph], IMAGE: self.image}
        return {spec.name: tensors[spec.name] for spec in bundle.graph(graph).inputs}


def make_cases(bundle: Bundle, reference: Reference, frames: Sequence[Frame]) -> Iterator[Case]:
    """Each frame reuses the best kernels of the one before it; the first, its own."""
    prediction: Arrays | None = None
    for frame in frames:
        frame = fitting(bundle, frame)
        image = reference.image(frame.picture)
        kernels = live(prediction or reference.keyframe(image), kernel_count(bundle))
        expected = expected_tensors(reference, image, kernels)
        prediction = expected[KEYFRAME]
        yield Case(frame_name(frame), graph_image(bundle, frame, image), expected)


def fitting(bundle: Bundle, frame: Frame) -> Frame:
    """The frame at the size that graphs with baked preprocessing take; else as it is."""
    if not bundle.manifest.preprocessing_baked:
        return frame
    shape = bundle.graph(KEYFRAME).inputs[0].shape
    return at_size(frame, int(shape[1]), int(shape[2]))


def graph_image(bundle: Bundle, frame: Frame, image: NDArray[np.float32]) -> NDArray[Any]:
    return frame.picture[None] if bundle.manifest.preprocessing_baked else image


def kernel_count(bundle: Bundle) -> int:
    return bundle.manifest.kernels.count or EXAMPLE_KERNELS


def frame_name(frame: Frame) -> str:
    return f"{frame.source}#{frame.index}"


def golden_frames(bundle: Bundle) -> list[Frame]:
    return [
        Frame(golden.frame, golden_arrays(bundle, index)["picture"], golden.source)
        for index, golden in enumerate(bundle.manifest.golden)
    ]


def golden_arrays(bundle: Bundle, index: int) -> Arrays:
    return read_golden(bundle, find_golden(bundle, index))

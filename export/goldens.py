"""Writes a bundle's golden frames: real frames with what the reference makes of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from safetensors.numpy import save_file

from export import live_kernels
from export.golden_io import IMAGE, PICTURE, golden_key
from export.graphs import KEYFRAME, KEYFRAME_LITERAL, Graph, GraphOptions
from export.manifest import Golden, file_ref
from export.reference import Arrays, Reference, exact_tensors, expected_tensors
from models.frames import Frame
from models.mobileinst.network import MobileInst


@dataclass(frozen=True)
class GoldenFrame:
    """A golden frame as it was written, for the checks of the graphs."""

    entry: Golden
    image: NDArray[Any]  # as the graphs take it
    tensors: dict[str, Arrays]  # graph -> its other inputs and its outputs
    exact: Callable[[], dict[str, Arrays]]  # the same in float64

    def feed(self, graph: Graph) -> Arrays:
        tensors = {**self.tensors[graph.name], IMAGE: self.image}
        return {spec.name: tensors[spec.name] for spec in graph.inputs}

    def wanted(self, graph: Graph) -> Arrays:
        return {spec.name: self.tensors[graph.name][spec.name] for spec in graph.outputs}


def write_goldens(
    root: Path, network: MobileInst, options: GraphOptions, frames: Sequence[Frame]
) -> Iterator[GoldenFrame]:
    """One file a frame; the kernels that reach a frame are the best of the frame before it."""
    reference = Reference(network, options.preprocessing)
    count = options.kernels or live_kernels.DEFAULT_COUNT
    (root / "golden").mkdir()
    previous = reference.keyframe(reference.image(frames[0].picture))
    for index, frame in enumerate(frames):
        image = reference.image(frame.picture)
        kernels = live_kernels.live(previous, count)
        tensors = expected_tensors(reference, image, kernels)
        previous = tensors[KEYFRAME]
        if not options.literal:
            del tensors[KEYFRAME_LITERAL]
        graph_image = frame.picture[None] if options.source_size else image
        path = root / "golden" / f"frame-{index}.safetensors"
        arrays = {PICTURE: frame.picture, IMAGE: graph_image}
        for graph, named in tensors.items():
            arrays |= {golden_key(graph, name): array for name, array in named.items()}
        save_file(arrays, path)
        entry = Golden(file_ref(root, path), frame.source, frame.index)
        exact = partial(exact_tensors, reference, image, kernels)
        yield GoldenFrame(entry, graph_image, tensors, cache(exact))

"""Writes a bundle's golden frames: real frames with what the reference makes of them."""

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from safetensors.numpy import save_file

from export.golden_io import IMAGE, PICTURE, golden_key
from export.graphs import KEYFRAME, Graph
from export.manifest import Golden, file_ref
from export.reference import Arrays, Reference
from models.frames import Frame


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
    root: Path,
    reference: Reference[Any],
    graphs: Container[str],
    baked: bool,
    frames: Sequence[Frame],
) -> Iterator[GoldenFrame]:
    """One file a frame, for those graphs; `baked`: they take the picture itself."""
    (root / "golden").mkdir()
    previous: Arrays | None = None
    for index, frame in enumerate(frames):
        image = reference.image(frame.picture)
        expected = reference.expected(image, previous)
        previous = expected[KEYFRAME]
        tensors = {graph: named for graph, named in expected.items() if graph in graphs}
        graph_image = frame.picture[None] if baked else image
        path = root / "golden" / f"frame-{index}.safetensors"
        arrays = {PICTURE: frame.picture, IMAGE: graph_image}
        for graph, named in tensors.items():
            arrays |= {golden_key(graph, name): array for name, array in named.items()}
        save_file(arrays, path)
        entry = Golden(file_ref(root, path), frame.source, frame.index)
        exact = partial(reference.exact_again, image, expected)
        yield GoldenFrame(entry, graph_image, tensors, cache(exact))

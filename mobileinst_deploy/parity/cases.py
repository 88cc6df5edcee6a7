"""Real frames, with what goes into every graph and what has to come out of it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from numpy.typing import NDArray

from export.golden_io import IMAGE, PICTURE, find_golden, read_golden
from export.graphs import KEYFRAME
from export.manifest import Bundle
from export.reference import Reference
from mobileinst_deploy.feeding import fitting, frame_name, graph_image
from mobileinst_deploy.parity.report import InBoth
from mobileinst_deploy.runtimes.base import Arrays
from models.frames import Frame


@dataclass(frozen=True)
class Case:
    frame: str  # source#index
    image: NDArray[Any]  # as the graphs take it
    expected: dict[str, Arrays]  # graph -> its other inputs and its outputs, from the reference
    exact: Callable[[], dict[str, Arrays]]  # the same in float64, computed where it is asked for

    def in_both(self, graph: str) -> InBoth:
        return InBoth(self.exact()[graph], self.expected[graph])

    def inputs(self, bundle: Bundle, graph: str) -> Arrays:
        tensors = {**self.expected[graph], IMAGE: self.image}
        return {spec.name: tensors[spec.name] for spec in bundle.graph(graph).inputs}


def make_cases(
    bundle: Bundle, reference: Reference[Any], frames: Sequence[Frame]
) -> Iterator[Case]:
    """Each frame with what reaches it from the one before."""
    prediction: Arrays | None = None
    for frame in frames:
        frame = fitting(bundle, frame)
        image = reference.image(frame.picture)
        expected = reference.expected(image, prediction)
        prediction = expected[KEYFRAME]
        exact = cache(partial(reference.exact_again, image, expected))
        yield Case(frame_name(frame), graph_image(bundle, frame), expected, exact)


def golden_frames(bundle: Bundle) -> list[Frame]:
    return [
        Frame(golden.frame, golden_arrays(bundle, index)[PICTURE], golden.source)
        for index, golden in enumerate(bundle.manifest.golden)
    ]


def golden_arrays(bundle: Bundle, index: int) -> Arrays:
    return read_golden(bundle, find_golden(bundle, index))

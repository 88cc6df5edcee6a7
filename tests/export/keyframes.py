"""The keyframe graph of the smallest network, calibrated, as ONNX. Exported once a run."""

import functools

import numpy as np
import onnx

from export.graphs import KEYFRAME, GraphOptions, build_graphs
from export.to_onnx import to_onnx
from models.preprocessing import Preprocessing
from tests.export.networks import TINY, calibrated, images

SIZE = (96, 160)


@functools.cache
def keyframe() -> onnx.ModelProto:
    """Not to be changed."""
    graphs = build_graphs(calibrated(TINY, SIZE), GraphOptions(Preprocessing(*SIZE)))
    return to_onnx(graphs[KEYFRAME])


def frames(*indices: int) -> list[dict[str, np.ndarray]]:
    """Its inputs for those of the six real frames: 0 and 1 of a video, then photographs."""
    array = images(SIZE).numpy()
    return [{"image": array[index][None]} for index in indices]

"""Models that others made convert and agree, or are refused for a right reason."""

from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from export.errors import UnsupportedOpError
from export.to_tnn.convert import convert
from mobileinst_deploy.sample_frames import sample_frames
from tests.export.third_party import MODELS, ThirdParty, locate
from tests.export.to_tnn.graphs import check_agrees

FLOAT32 = 1e-4
"""Of the largest value: a hundred convolutions one after the other."""


def photograph(shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Real pictures with a word on them, from -1 to 1, channels where the shape has them."""
    channels_first = shape[1] in (1, 3)
    batch, height, width = (shape[0], *(shape[2:] if channels_first else shape[1:3]))
    frames = [cv2.resize(f.picture, (width, height)) for f in list(sample_frames())[:batch]]
    for frame in frames:
        # Without text a text detector's map is zero but for rounding.
        size = width / 200
        cv2.putText(frame, "Linien", (2, height * 2 // 3), 0, size, (255, 255, 255), 2)
    pictures = np.stack(frames).astype(np.float32) / 127.5 - 1
    first = pictures.transpose(0, 3, 1, 2)[:, : shape[1]]
    return np.ascontiguousarray(first if channels_first else pictures)


@pytest.mark.parametrize("third_party", MODELS, ids=lambda model: model.name)
def test_a_model_of_others(third_party: ThirdParty, tmp_path: Path):
    path = locate(third_party)
    if path is None:
        pytest.skip(f"the package {third_party.package} is not installed")
    model = onnx.load(path)
    weights = {weight.name for weight in model.graph.initializer}
    (name,) = (value.name for value in model.graph.input if value.name not in weights)
    inputs = {name: photograph(third_party.shape)}
    if refusal := third_party.refusal("tnn"):
        with pytest.raises(UnsupportedOpError, match=refusal):
            convert(model, {name: third_party.shape})
    else:
        check_agrees(model, tmp_path, FLOAT32, inputs)

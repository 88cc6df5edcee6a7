"""Models that others made convert and agree, or are refused for a right reason."""

from pathlib import Path

import onnx
import pytest

from export.errors import UnsupportedOpError
from export.to_tnn.convert import convert
from tests.export.third_party import MODELS, ThirdParty, locate, photograph
from tests.export.to_tnn.graphs import check_agrees

FLOAT32 = 1e-4
"""Of the largest value: a hundred convolutions one after the other."""


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
